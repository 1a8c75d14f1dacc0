import type { Vec3 } from "./vec3";

const STEPS = [-1, 0, 1];

/**
 * The voxel of one's own that is nearest to a point, among the one that holds it and its 26 neighbours; null where
 * none of them is. A smooth surface lies up to half a voxel beside its voxels, so a point of it may be in another's.
 *
 * @param at voxel coordinates, whole numbers at the voxels' centres
 * @param spacing widths of a voxel, mm
 */
export function nearestVoxel(at: Vec3, spacing: Vec3, isOwn: (voxel: Vec3) => boolean): Vec3 | null {
  const [x, y, z] = at.map(Math.round);
  const around = STEPS.flatMap((i) => STEPS.flatMap((j) => STEPS.map((k): Vec3 => [x + i, y + j, z + k])));
  const distance = (voxel: Vec3) => voxel.reduce((sum, place, axis) => sum + ((place - at[axis]) * spacing[axis]) ** 2, 0);
  const own = around.filter(isOwn);
  return own.length === 0 ? null : own.reduce((best, voxel) => (distance(voxel) < distance(best) ? voxel : best));
}
