import type { Vec3 } from "../maths/vec3";

/** The voxel nearest the centre of mass of all labelled voxels; null where there are none. */
export function middle(labels: Uint8Array, shape: Vec3): Vec3 | null {
  const sum = [0, 0, 0];
  let count = 0;
  for (let z = 0, at = 0; z < shape[2]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[0]; x++, at++) {
        if (labels[at] === 0) continue;
        sum[0] += x; sum[1] += y; sum[2] += z;
        count += 1;
      }
    }
  }
  return count === 0 ? null : (sum.map((value) => Math.round(value / count)) as unknown as Vec3);
}
