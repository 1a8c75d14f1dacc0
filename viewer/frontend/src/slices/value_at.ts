import type { Vec3 } from "../maths/vec3";

/** A volume's value at a voxel; null without a volume or outside of it. */
export function valueAt(volume: Uint8Array | null, shape: Vec3, voxel: Vec3): number | null {
  const isInside = voxel.every((value, axis) => value >= 0 && value < shape[axis]);
  return volume === null || !isInside ? null : volume[voxel[0] + shape[0] * (voxel[1] + shape[1] * voxel[2])];
}
