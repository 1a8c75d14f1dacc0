import type { Affine } from "../maths/coordinates";
import type { Vec3 } from "../maths/vec3";

/** Millimetres between neighbouring voxels along each axis. */
export function spacingMm(affine: Affine): Vec3 {
  return [0, 1, 2].map((axis) => Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis])) as unknown as Vec3;
}

/** Volume of a voxel, also where the axes are oblique. */
export function voxelMm3([x, y, z]: Affine): number {
  const minor = (a: number, b: number) => y[a] * z[b] - y[b] * z[a];
  return Math.abs(x[0] * minor(1, 2) - x[1] * minor(0, 2) + x[2] * minor(0, 1));
}
