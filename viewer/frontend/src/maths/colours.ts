import type { Vec3 } from "./vec3";

/** "#rrggbb" -> red, green, blue in 0..1, still in sRGB. Throws on anything else. */
export function rgbOfHex(hex: string): Vec3 {
  const digits = /^#([0-9a-f]{6})$/i.exec(hex)?.[1];
  if (digits === undefined) throw new Error(`a colour is written #rrggbb, not ${hex}`);
  return [0, 2, 4].map((start) => parseInt(digits.slice(start, start + 2), 16) / 255) as unknown as Vec3;
}

/** sRGB -> linear light, by the standard's own curve (IEC 61966-2-1). */
export function linearOfSrgb(rgb: Vec3): Vec3 {
  return rgb.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)) as unknown as Vec3;
}
