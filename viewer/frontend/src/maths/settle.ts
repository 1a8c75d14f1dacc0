import { add, scale, type Vec3 } from "./vec3";

/** A smooth surface lies up to half a voxel beside its voxels: how deep below it they are looked for, in voxels. */
const DEPTHS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/**
 * The first point on the way inwards from below a surface that lies in a voxel the surface belongs to; where none
 * does, or nobody knows yet, the point itself.
 *
 * @param mm a point just below the surface
 * @param inward away from the surface, as long as a voxel is wide; mm
 * @param isOwn whether a point lies in such a voxel
 */
export function settled(mm: Vec3, inward: Vec3, isOwn: (mm: Vec3) => boolean): Vec3 {
  return DEPTHS.map((depth) => add(mm, scale(inward, depth))).find(isOwn) ?? mm;
}
