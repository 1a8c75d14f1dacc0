import type { Vec3 } from "../maths/vec3";
import type { Box } from "./content_box";
import { pixelOf, type Section } from "./section";

/** Where a slice's pixels lie on its canvas: pixel (c, r) covers [x + c sx, x + (c + 1) sx] and likewise down. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly sx: number;
  readonly sy: number;
}

/** Fit a box of the volume into a canvas, centred, with true proportions. */
export function placement(section: Section, shape: Vec3, spacingMm: Vec3, box: Box, width: number, height: number): Placement {
  const ends = [pixelOf(section, shape, box.low), pixelOf(section, shape, box.high)];
  const [left, right] = [Math.min(ends[0][0], ends[1][0]), Math.max(ends[0][0], ends[1][0]) + 1];
  const [top, bottom] = [Math.min(ends[0][1], ends[1][1]), Math.max(ends[0][1], ends[1][1]) + 1];
  const [wideMm, highMm] = [(right - left) * spacingMm[section.columns], (bottom - top) * spacingMm[section.rows]];
  const pixelsPerMm = Math.min(width / wideMm, height / highMm);
  const [sx, sy] = [pixelsPerMm * spacingMm[section.columns], pixelsPerMm * spacingMm[section.rows]];
  return { sx, sy, x: width / 2 - ((left + right) / 2) * sx, y: height / 2 - ((top + bottom) / 2) * sy };
}
