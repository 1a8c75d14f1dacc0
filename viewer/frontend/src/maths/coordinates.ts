import type { Vec3 } from "./vec3";

/** Four rows of a 4x4 matrix, as JSON brings it. */
export type Affine = readonly (readonly number[])[];

/** glTF's metres, y up -> RAS millimetres, z up (the inverse of a GLB's root node), column by column as three.js reads it. */
export const MM_FROM_GLTF: readonly number[] = [1000, 0, 0, 0, 0, 0, 1000, 0, 0, -1000, 0, 0, 0, 0, 0, 1];

/** RAS millimetres -> glTF metres. */
export function gltfFromMm([x, y, z]: Vec3): Vec3 {
  return [x / 1000, z / 1000, -y / 1000];
}

/** Millimetres of a voxel index; whole numbers are voxel centres. */
export function mmFromVoxel(affine: Affine, [i, j, k]: Vec3): Vec3 {
  return [0, 1, 2].map((row) => affine[row][0] * i + affine[row][1] * j + affine[row][2] * k + affine[row][3]) as unknown as Vec3;
}

/** The (fractional) voxel index of a point in millimetres; rounded it names the voxel that holds the point. */
export function voxelFromMm(affine: Affine, mm: Vec3): Vec3 {
  const [a, b, c] = [0, 1, 2].map((column) => [affine[0][column], affine[1][column], affine[2][column]] as Vec3);
  const p: Vec3 = [mm[0] - affine[0][3], mm[1] - affine[1][3], mm[2] - affine[2][3]];
  const determinant = triple(a, b, c);
  return [triple(p, b, c) / determinant, triple(a, p, c) / determinant, triple(a, b, p) / determinant];
}

/** The index that a voxel of one grid has in another grid of the same voxels, whose axes may run the other way. */
export function recountedVoxel(from: Affine, to: Affine, voxel: Vec3): Vec3 {
  return voxelFromMm(to, mmFromVoxel(from, voxel)).map((index) => Math.round(index) || 0) as unknown as Vec3;
}

function triple(a: Vec3, b: Vec3, c: Vec3): number {
  return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
}
