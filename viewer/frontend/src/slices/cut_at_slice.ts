import type { Cut } from "../engine/cut";
import { mmFromVoxel } from "../maths/coordinates";
import type { Vec3 } from "../maths/vec3";
import type { Panel, Slices } from "../props";
import { shaded } from "./draw_slice";
import { extract } from "./extract";
import { section, voxelOf } from "./section";
import { shadesOf } from "./sheets";
import { voxelAt, type SharedSlices } from "./use_slices";

/** The cut that lies where the slices do; its faces are the slices themselves: labels, or errors where they are shown. */
export function cutAtSlice(slices: Slices, panels: readonly Panel[], shared: SharedSlices, cursor: Vec3): Cut {
  const { shape, affine } = slices;
  const cut = section(slices.plane ?? "axial", slices.convention ?? "radiological");
  const index = Math.min(shape[cut.through] - 1, Math.max(0, voxelAt(slices, cursor)[cut.through]));
  const [right, bottom] = [shape[cut.columns] - 0.5, shape[cut.rows] - 0.5];
  const corner = (column: number, row: number) => mmFromVoxel(affine, voxelOf(cut, shape, column, row, index));
  const pictures = new Map<string, ImageData>();
  for (const { key } of panels) {
    const wrong = shared.errors.get(key)?.volume;
    const volume = wrong ?? shared.volumes.of(slices.labelUrls[key]);
    if (volume !== null) pictures.set(key, shaded(extract(volume, shape, cut, index), shadesOf(wrong ? shared.errorPaints : shared.paints, 1)));
  }
  const corners = [corner(-0.5, -0.5), corner(right, -0.5), corner(right, bottom), corner(-0.5, bottom)] as const;
  return { corners, point: corners[0], normal: normalOf(corners), pictures };
}

function normalOf([a, b, , d]: readonly [Vec3, Vec3, Vec3, Vec3]): Vec3 {
  const [u, v] = [b, d].map((end) => end.map((value, axis) => value - a[axis]));
  const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const length = Math.hypot(...n);
  return n.map((value) => value / length) as unknown as Vec3;
}
