import type { Vec3 } from "../maths/vec3";

/**
 * The voxels of the 26-connected components of one value that touch some points, as places in the volume.
 *
 * A point is a fractional voxel index; the voxels around it within half a voxel and a little count as touched, so
 * a corner of a component's surface leads to the component and to no other.
 */
export function grown(volume: Uint8Array, shape: Vec3, value: number, points: readonly Vec3[]): Set<number> {
  const [nx, ny, nz] = shape;
  const found = new Set<number>();
  const open: number[] = [];
  const reach = (x: number, y: number, z: number) => {
    if (x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz) return;
    const place = x + nx * (y + ny * z);
    if (volume[place] !== value || found.has(place)) return;
    found.add(place);
    open.push(place);
  };
  for (const [x, y, z] of points) {
    around([x, y, z], (value) => [Math.ceil(value - 0.51), Math.floor(value + 0.51)], reach);
  }
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const [x, y, z] = [place % nx, Math.floor(place / nx) % ny, Math.floor(place / (nx * ny))];
    around([x, y, z], (value) => [value - 1, value + 1], reach);
  }
  return found;
}

function around([x, y, z]: Vec3, span: (value: number) => readonly [number, number], visit: (x: number, y: number, z: number) => void): void {
  const [[x0, x1], [y0, y1], [z0, z1]] = [span(x), span(y), span(z)];
  for (let k = z0; k <= z1; k++) for (let j = y0; j <= y1; j++) for (let i = x0; i <= x1; i++) visit(i, j, k);
}
