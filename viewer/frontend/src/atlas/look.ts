import { NONE, wordsOf, type AtlasColumns, type Code, type Up } from "./columns";
import type { Rgb, Window4 } from "./points";

type Theme = "dark" | "light";

const CLASSES: Record<Theme, readonly string[]> = {
  dark: ["#5fb2f2", "#e9c94b", "#f0713a", "#c39bf5", "#63c9a8", "#e58fb5"],
  light: ["#1a6fb5", "#9a7400", "#b8410b", "#7440b8", "#17694a", "#a83a70"],
};
const GREY: Record<Theme, string> = { dark: "#7d8894", light: "#8a949e" };
const DRAWN = 17;

export const UP_TITLES: Record<Up, string> = {
  distance: "Distance to the main body, mm",
  baseline: "Overlap with Baseline, share of the component",
  reference: "Overlap with the reference, share of the component",
};
export const CODE_TITLES: Record<Code, string> = { verdict: "Verdict", outcome: "Outcome", label: "Label", method: "Method" };

/** The colour of every code, 16 for none. */
export function coloursOf(atlas: AtlasColumns, code: Code, theme: Theme, labelColours: Readonly<Record<string, string>>): string[] {
  const words = wordsOf(atlas, code);
  const own = (word: string, i: number) => (code === "label" ? labelColours[word] : undefined) ?? (code === "method" && i === 0 ? GREY[theme] : CLASSES[theme][(i - (code === "method" ? 1 : 0)) % 6]!);
  const colours = Array.from({ length: DRAWN }, () => GREY[theme]);
  words.slice(0, DRAWN - 1).forEach((word, i) => { colours[i] = own(word, i); });
  return colours;
}

export function rgbOf(hex: string): Rgb {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255) as unknown as Rgb;
}

/** Codes as the shader takes them: those without a colour of their own are 16. */
export const drawnCodes = (codes: Uint8Array) => codes.map((code) => (code === NONE ? DRAWN - 1 : Math.min(code, DRAWN - 1)));

/** A window around all positions, with a margin. */
export function whole(x: Float32Array, y: Float32Array, up: Up): Window4 {
  const [, high] = spanOf(x);
  const [, top] = up === "distance" ? spanOf(y) : [0, 1];
  return [-0.12, Math.max(1, high) + 0.15, -0.06 * Math.max(top, 0.5), Math.max(top, 0.5) * 1.06];
}

function spanOf(values: Float32Array): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Ticks of a window: positions and words. */
export function ticks(view: Window4, up: Up): { across: [number, string][]; up: [number, string][] } {
  const inside = (low: number, high: number) => ([at]: [number, string]) => at >= low && at <= high;
  const powers = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];
  const across = powers.map((value): [number, string] => [Math.log10(value), value.toLocaleString("en").replaceAll(",", "\u202f")]);
  const upwards: [number, string][] = up === "distance"
    ? [0, 1, 3, 10, 30, 100, 300].map((mm) => [Math.log10(1 + mm), String(mm)])
    : [0, 0.25, 0.5, 0.75, 1].map((share) => [share, String(share)]);
  return { across: across.filter(inside(view[0], view[1])), up: upwards.filter(inside(view[2], view[3])) };
}

/** A value of a numeric column at a position of its histogram. */
export const RANGE_SCALES = {
  voxels: { title: "Size, voxels", toPosition: (v: number) => Math.log10(Math.max(1, v)), toValue: (p: number) => Math.round(10 ** p) },
  distance_mm: { title: "Distance, mm", toPosition: (v: number) => Math.log10(1 + v), toValue: (p: number) => Number((10 ** p - 1).toPrecision(4)) },
} as const;
