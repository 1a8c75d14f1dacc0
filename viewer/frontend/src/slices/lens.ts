import type { Vec3 } from "../maths/vec3";
import type { Placement } from "./placement";
import { pixelOf, voxelOf, type Section } from "./section";

/** How near slices are looked at: 1 shows all; else `focus`, a voxel index, stands in the middle. */
export interface Lens {
  readonly zoom: number;
  readonly focus: Vec3;
}

export const WHOLE_SLICE: Lens = { zoom: 1, focus: [0, 0, 0] };
const LARGEST_ZOOM = 24;

/** The placement of a slice as a lens shows it; `whole` shows all of it in a canvas of this size. */
export function magnified(whole: Placement, lens: Lens, section: Section, shape: Vec3, width: number, height: number): Placement {
  if (lens.zoom <= 1) return whole;
  const [column, row] = pixelOf(section, shape, lens.focus);
  const [sx, sy] = [whole.sx * lens.zoom, whole.sy * lens.zoom];
  return { sx, sy, x: width / 2 - (column + 0.5) * sx, y: height / 2 - (row + 0.5) * sy };
}

/** A lens moved by canvas pixels and zoomed about a point of the canvas; what is under the point stays there. */
export function lensMoved(lens: Lens, now: Placement, section: Section, shape: Vec3, change: LensChange): Lens {
  const { width, height, x, y, dx, dy, factor, index } = change;
  const zoom = Math.min(LARGEST_ZOOM, lens.zoom * factor);
  if (zoom <= 1) return WHOLE_SLICE;
  const grown = zoom / lens.zoom;
  const [column, row] = [(x - now.x) / now.sx - 0.5, (y - now.y) / now.sy - 0.5];
  const middle = [column - (x + dx - width / 2) / (now.sx * grown), row - (y + dy - height / 2) / (now.sy * grown)];
  return { zoom, focus: voxelOf(section, shape, middle[0], middle[1], index) };
}

/** What a hand did on a canvas of a slice; pixels. */
export interface LensChange {
  readonly width: number;
  readonly height: number;
  /** Where. */
  readonly x: number;
  readonly y: number;
  /** How far it moved. */
  readonly dx: number;
  readonly dy: number;
  readonly factor: number;
  /** The slice's own index: the focus lies in it. */
  readonly index: number;
}
