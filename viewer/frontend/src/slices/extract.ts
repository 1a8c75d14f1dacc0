import type { Vec3 } from "../maths/vec3";
import type { Section } from "./section";

/** One slice as the screen shows it: row by row from the top left. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array;
}

/** Cut a slice out of a volume that is stored x fastest. */
export function extract(volume: Uint8Array, shape: Vec3, section: Section, index: number): Picture {
  const steps = [1, shape[0], shape[0] * shape[1]];
  const [width, height] = [shape[section.columns], shape[section.rows]];
  const values = new Uint8Array(width * height);
  const step = section.isMirrored ? -steps[section.columns] : steps[section.columns];
  for (let row = 0; row < height; row++) {
    let from = index * steps[section.through] + (height - 1 - row) * steps[section.rows];
    if (section.isMirrored) from += (width - 1) * steps[section.columns];
    for (let column = 0; column < width; column++, from += step) values[row * width + column] = volume[from];
  }
  return { width, height, values };
}
