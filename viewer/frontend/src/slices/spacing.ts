import type { Affine } from "../maths/coordinates";
import type { Vec3 } from "../maths/vec3";

/** Millimetres between neighbouring voxels along each axis. */
export function spacingMm(affine: Affine): Vec3 {
  return [0, 1, 2].map((axis) => Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis])) as unknown as Vec3;
}
