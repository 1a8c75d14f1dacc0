import { BufferAttribute } from "three";
import { softShading } from "../maths/soft_shading";
import type { Surface } from "./surface";
import { unpacked } from "./unpacked";

/** Steps of a staircase up to about this size are lit as if smooth. */
const SMOOTHED_MM = 2.2;

/** Give a surface the attribute `soft`: the normal that light sees, and hollowness, a byte each. */
export function soften({ geometry, toMm }: Surface): void {
  const cell = SMOOTHED_MM / Math.cbrt(Math.abs(toMm.determinant()));
  const { normals, hollows } = softShading(unpacked(geometry, "position", 3), geometry.index!.array, cell);
  const seen = geometry.hasAttribute("normal") ? unpacked(geometry, "normal", 3) : normals;
  const packed = new Int8Array(hollows.length * 4);
  for (let i = 0; i < hollows.length; i++) {
    for (let axis = 0; axis < 3; axis++) packed[4 * i + axis] = Math.round(seen[3 * i + axis] * 127);
    packed[4 * i + 3] = Math.round(hollows[i] * 127);
  }
  geometry.setAttribute("soft", new BufferAttribute(packed, 4, true));
}
