import { CODES, type AtlasColumns, type Code, type Up } from "./columns";

export type Range = "voxels" | "distance_mm" | "baseline" | "reference";
const RANGES: readonly Range[] = ["voxels", "distance_mm", "baseline", "reference"];
const UPS: readonly Up[] = ["distance", "baseline", "reference"];

/** What is selected, and how it is shown. */
export interface Pieces {
  readonly up: Up;
  readonly colour: Code;
  /** Lowest and highest value, ends included. */
  readonly ranges: Readonly<Partial<Record<Range, readonly [number, number]>>>;
  /** Codes that are kept. */
  readonly codes: Readonly<Partial<Record<Code, readonly number[]>>>;
  /** Vertices as positions on both axes. */
  readonly polygon: readonly (readonly [number, number])[];
}

export const NOTHING: Pieces = { up: "distance", colour: "outcome", ranges: {}, codes: {}, polygon: [] };

/** Read what the address says; what makes no sense selects nothing. */
export function readPieces(text: string): Pieces {
  const [up, brushes = "", polygon = "", colour = ""] = text.split("*");
  if (!UPS.includes(up as Up)) return NOTHING;
  const ranges: Partial<Record<Range, [number, number]>> = {};
  const codes: Partial<Record<Code, number[]>> = {};
  for (const brush of brushes.split("_").filter(Boolean)) {
    const [short, numbers = ""] = brush.split(":");
    const name = short === "distance" ? "distance_mm" : short!;
    const values = numbers.split(",").map(Number);
    if (values.some(Number.isNaN)) continue;
    if (RANGES.includes(name as Range) && values.length === 2) ranges[name as Range] = [values[0]!, values[1]!];
    else if (CODES.includes(name as Code)) codes[name as Code] = values;
  }
  const flat = polygon ? polygon.split(",").map(Number) : [];
  const vertices = flat.length >= 6 && flat.length % 2 === 0 && !flat.some(Number.isNaN) ? flat.flatMap((x, i) => (i % 2 ? [] : [[x, flat[i + 1]!] as [number, number]])) : [];
  return { up: up as Up, colour: CODES.includes(colour as Code) ? (colour as Code) : NOTHING.colour, ranges, codes, polygon: vertices };
}

/** Write it for the address; the default is empty. */
export function writePieces(pieces: Pieces): string {
  const ranges = RANGES.flatMap((name) => {
    const range = pieces.ranges[name];
    return range ? [`${name === "distance_mm" ? "distance" : name}:${range.map(short).join(",")}`] : [];
  });
  const codes = CODES.flatMap((name) => (pieces.codes[name] ? [`${name}:${pieces.codes[name].join(",")}`] : []));
  const text = [pieces.up, [...ranges, ...codes].join("_"), pieces.polygon.flat().map(short).join(","), pieces.colour].join("*");
  return text === `${NOTHING.up}***${NOTHING.colour}` ? "" : text;
}

const short = (value: number) => String(Number(value.toPrecision(5)));

/** Whether anything is left out. */
export function limits(pieces: Pieces): boolean {
  return pieces.polygon.length > 0 || Object.keys(pieces.ranges).length > 0 || Object.keys(pieces.codes).length > 0;
}

/** Mark the components that are taken with 1 in `mask`, and count them. */
export function take(atlas: AtlasColumns, pieces: Pieces, x: Float32Array, y: Float32Array, mask: Uint8Array): number {
  for (let i = 0; i < atlas.count; i++) mask[i] = y[i] === y[i] ? 1 : 0;
  for (const name of RANGES) {
    const range = pieces.ranges[name];
    if (!range) continue;
    const [low, high] = range;
    const column = atlas.numbers[name]!;
    for (let i = 0; i < atlas.count; i++) if (!(column[i]! >= low && column[i]! <= high)) mask[i] = 0;
  }
  for (const name of CODES) {
    const kept = pieces.codes[name];
    if (!kept) continue;
    const isKept = new Uint8Array(256);
    for (const code of kept) isKept[code] = 1;
    const column = atlas.numbers[name]!;
    for (let i = 0; i < atlas.count; i++) mask[i]! &= isKept[column[i]!]!;
  }
  if (pieces.polygon.length > 2) for (let i = 0; i < atlas.count; i++) if (mask[i] && !inPolygon(pieces.polygon, x[i]!, y[i]!)) mask[i] = 0;
  let taken = 0;
  for (let i = 0; i < atlas.count; i++) taken += mask[i]!;
  return taken;
}

/** The even-odd rule, as viewer/selections.py has it. */
export function inPolygon(vertices: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let isInside = false;
  for (let i = 0; i < vertices.length; i++) {
    const [x0, y0] = vertices[i]!;
    const [x1, y1] = vertices[(i + 1) % vertices.length]!;
    if (y0 > y !== y1 > y && x < x0 + (y - y0) * ((x1 - x0) / (y1 - y0))) isInside = !isInside;
  }
  return isInside;
}

/** The component that is taken and lies nearest to a place, within a distance on the screen; -1 for none. */
export function nearest(x: Float32Array, y: Float32Array, mask: Uint8Array, at: readonly [number, number], perPixel: readonly [number, number], pixels: number): number {
  let best = -1;
  let least = pixels * pixels;
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    const dx = (x[i]! - at[0]) / perPixel[0];
    const dy = (y[i]! - at[1]) / perPixel[1];
    const distance = dx * dx + dy * dy;
    if (distance <= least) [best, least] = [i, distance];
  }
  return best;
}
