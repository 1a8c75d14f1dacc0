/** Vertical field of view of every camera, degrees: long enough a lens that sizes compare, short enough to read depth. */
export const FIELD_OF_VIEW = 24;

/** Millimetres from the target at which a ball of `radiusMm` just fills a view of this aspect (width / height). */
export function fittingDistanceMm(radiusMm: number, aspect: number): number {
  const half = (FIELD_OF_VIEW * Math.PI) / 360;
  const narrower = Math.min(half, Math.atan(Math.tan(half) * aspect));
  return radiusMm / Math.sin(narrower);
}

/** Millimetres that one CSS pixel spans in the target's plane. */
export function mmPerPixel(distanceMm: number, heightPixels: number): number {
  return (2 * distanceMm * Math.tan((FIELD_OF_VIEW * Math.PI) / 360)) / heightPixels;
}
