import { rgbOfHex } from "../maths/colours";
import type { Overlay } from "../props";

/** A value that is drawn in a colour: sRGB, 0 to 1. */
export interface Paint {
  readonly value: number;
  readonly rgb: readonly [number, number, number];
}

/**
 * One volume as slices show it. Slices lay sheets over each other in the order of their list: image, overlays,
 * then labels or errors. A new kind of picture is a new function that makes a sheet.
 */
export interface Sheet {
  readonly name: string;
  /** uint8, x fastest, on the case's grid. */
  readonly volume: Uint8Array;
  /** Red, green, blue and opacity of each of the 256 values, a byte each. */
  readonly shades: Uint8ClampedArray;
  /** Interpolated between voxels: for what varies gently, never for labels. */
  readonly isSmooth: boolean;
  /** Values whose outline is drawn along their voxels' edges. */
  readonly outlines: readonly Paint[];
}

/** An image, black at the window's low end and white at its high one. */
export function imageSheet(volume: Uint8Array, [low, high]: readonly [number, number]): Sheet {
  const shades = new Uint8ClampedArray(1024);
  for (let value = 0; value < 256; value++) {
    shades.fill(((value - low) / Math.max(1, high - low)) * 255, 4 * value, 4 * value + 3);
    shades[4 * value + 3] = 255;
  }
  return { name: "image", volume, shades, isSmooth: true, outlines: [] };
}

/** Labels, or anything else of a few values: each filled this opaque, and outlined. */
export function paintedSheet(name: string, volume: Uint8Array, paints: readonly Paint[], opacity: number): Sheet {
  return { name, volume, shades: shadesOf(paints, opacity), isSmooth: false, outlines: paints };
}

/** Shades that show these values this opaque and nothing else. */
export function shadesOf(paints: readonly Paint[], opacity: number): Uint8ClampedArray {
  const shades = new Uint8ClampedArray(1024);
  for (const { value, rgb } of paints) shades.set([...rgb.map((channel) => channel * 255), opacity * 255], 4 * value);
  return shades;
}

/** A field of numbers in the colours of a scale; 0 is nowhere, 1 the scale's low end and 255 its high end. */
export function overlaySheet(volume: Uint8Array, overlay: Overlay): Sheet {
  const shades = new Uint8ClampedArray(1024);
  const stops = overlay.colours.map(rgbOfHex);
  const opacities = (overlay.opacities ?? [1]).map((share) => [share]);
  for (let value = 1; value < 256; value++) {
    const place = (value - 1) / 254;
    const [opacity] = between(opacities, place);
    shades.set([...between(stops, place), opacity * (overlay.opacity ?? 0.6)].map((channel) => channel * 255), 4 * value);
  }
  return { name: overlay.title, volume, shades, isSmooth: true, outlines: [] };
}

/** The numbers at a place, 0 to 1, on a scale of evenly spaced stops. */
function between(stops: readonly (readonly number[])[], place: number): number[] {
  const along = place * (stops.length - 1);
  const [from, to] = [Math.floor(along), Math.ceil(along)];
  return stops[from].map((number, i) => number + (stops[to][i] - number) * (along - from));
}

/** What a value of an overlay stands for; null where it says nothing. */
export function overlayValue({ low, high }: Overlay, value: number | null): number | null {
  return value === null || value === 0 ? null : low + ((value - 1) / 254) * (high - low);
}
