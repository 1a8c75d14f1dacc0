import type { Wish } from "./prepare";

/** Width of the cells of surfaces in motion where there is no graphics card, mm; a brain's own triangles are wide already. */
const [TISSUE_MM, BRAIN_MM] = [2, 4];
/** Closer up, where a cell is wider than this many pixels, it would be seen. */
const MOST_PIXELS = 5;

/** How surfaces are prepared for drawing. */
export function wishFor(what: "tissue" | "brain", isSlow: boolean): Wish {
  return { asTissue: what === "tissue", coarseMm: !isSlow ? 0 : what === "brain" ? BRAIN_MM : TISSUE_MM };
}

/** Whether a picture in motion can be made of the coarse surfaces. */
export function isCoarseEnough(mmPerPixel: number): boolean {
  return TISSUE_MM < MOST_PIXELS * mmPerPixel;
}
