/**
 * Normals of vertices in 127ths, three numbers each, triangles weighing with their areas.
 *
 * To the bit what `meshing/glb.py` writes: the same sums in the same order, halves rounded to even.
 */
export function normalBytes(positions: Int32Array, faces: Int32Array): Int32Array {
  const sums = new Float64Array(positions.length);
  for (let at = 0; at < faces.length; at += 3) {
    const a = 3 * faces[at], b = 3 * faces[at + 1], c = 3 * faces[at + 2];
    const ux = positions[b] - positions[a], uy = positions[b + 1] - positions[a + 1], uz = positions[b + 2] - positions[a + 2];
    const vx = positions[c] - positions[a], vy = positions[c + 1] - positions[a + 1], vz = positions[c + 2] - positions[a + 2];
    const x = uy * vz - uz * vy, y = uz * vx - ux * vz, z = ux * vy - uy * vx;
    sums[a] += x; sums[a + 1] += y; sums[a + 2] += z;
    sums[b] += x; sums[b + 1] += y; sums[b + 2] += z;
    sums[c] += x; sums[c + 1] += y; sums[c + 2] += z;
  }
  const found = new Int32Array(positions.length);
  for (let at = 0; at < sums.length; at += 3) {
    const length = Math.sqrt(sums[at] ** 2 + sums[at + 1] ** 2 + sums[at + 2] ** 2);
    if (length > 0) for (let axis = 0; axis < 3; axis++) found[at + axis] = rounded((sums[at + axis] / length) * 127);
    else found[at + 2] = 127;
  }
  return found;
}

function rounded(value: number): number {
  const nearest = Math.round(value);
  return nearest - value === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}
