import type { Vec3 } from "./vec3";

/** A straight line between two points, mm. */
export type Ruler = readonly [Vec3, Vec3];

/** Its length in mm. Points are in world millimetres, so spacing and oblique axes are in them already. */
export function lengthMm([a, b]: Ruler): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]);
}

/** Read a ruler from six numbers; null for none. */
export function rulerOf(numbers: readonly number[] | null | undefined): Ruler | null {
  if (!numbers || numbers.length !== 6) return null;
  return [[numbers[0], numbers[1], numbers[2]], [numbers[3], numbers[4], numbers[5]]];
}

/** Write a ruler as the address holds it, to a tenth of a millimetre. */
export function writtenRuler(ruler: Ruler): string {
  return ruler.flat().map((value) => String(Math.round(value * 10) / 10)).join(",");
}
