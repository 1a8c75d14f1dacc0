/**
 * Ends of a scale for distances, mm. One fragment far away shall not bleach what happens at the tumour's edge,
 * so there is a largest end, and beyond it colours stand still.
 */
const ENDS = [1, 2, 5, 10];

/** The smallest end that holds all distances, or the largest there is. */
export function scaleEndMm(distances: readonly number[]): number {
  const largest = Math.max(0, ...distances.map(Math.abs));
  return ENDS.find((end) => end >= largest) ?? ENDS[ENDS.length - 1];
}

/** Write a signed distance as people read it. */
export function signedMm(mm: number): string {
  const text = Math.abs(mm).toFixed(1);
  return Number(text) === 0 ? "0" : `${mm < 0 ? "\u2212" : "+"}${text}`;
}
