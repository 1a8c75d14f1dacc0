import type { Convention } from "../maths/presets";
import type { Vec3 } from "../maths/vec3";
import type { Plane } from "../props";

/** How a plane of a RAS volume lies on the screen. Axes: 0 to the right, 1 to the front, 2 to the head. */
export interface Section {
  readonly columns: number;
  readonly rows: number;
  readonly through: number;
  /** Whether columns run against their axis; rows always do: front and head are on top. */
  readonly isMirrored: boolean;
  readonly letters: { readonly left: string; readonly right: string; readonly top: string; readonly bottom: string };
}

/**
 * The section of a plane. Radiological: the patient's right is on the screen's left.
 * A sagittal section is seen from the patient's left in both conventions.
 */
export function section(plane: Plane, convention: Convention): Section {
  const isMirrored = convention === "radiological";
  const sides = isMirrored ? { left: "R", right: "L" } : { left: "L", right: "R" };
  if (plane === "axial") return { columns: 0, rows: 1, through: 2, isMirrored, letters: { ...sides, top: "A", bottom: "P" } };
  if (plane === "coronal") return { columns: 0, rows: 2, through: 1, isMirrored, letters: { ...sides, top: "S", bottom: "I" } };
  return { columns: 1, rows: 2, through: 0, isMirrored: true, letters: { left: "A", right: "P", top: "S", bottom: "I" } };
}

/** A picture's pixel (column, row) of the slice at `index` as a voxel index. Its own inverse: see `pixelOf`. */
export function voxelOf({ columns, rows, through, isMirrored }: Section, shape: Vec3, column: number, row: number, index: number): Vec3 {
  const voxel: [number, number, number] = [0, 0, 0];
  voxel[columns] = isMirrored ? shape[columns] - 1 - column : column;
  voxel[rows] = shape[rows] - 1 - row;
  voxel[through] = index;
  return voxel;
}

/** Column and row of a voxel; fractions stay fractions. */
export function pixelOf({ columns, rows, isMirrored }: Section, shape: Vec3, voxel: Vec3): [number, number] {
  return [isMirrored ? shape[columns] - 1 - voxel[columns] : voxel[columns], shape[rows] - 1 - voxel[rows]];
}
