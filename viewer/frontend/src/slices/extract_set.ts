import type { Vec3 } from "../maths/vec3";
import type { Picture } from "./extract";
import { voxelOf, type Section } from "./section";

/** Cut a slice out of a set of voxels: 1 where they are. Null where none lies in it. */
export function extractSet(places: ReadonlySet<number>, shape: Vec3, section: Section, index: number): Picture | null {
  const [width, height] = [shape[section.columns], shape[section.rows]];
  const values = new Uint8Array(width * height);
  let count = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [x, y, z] = voxelOf(section, shape, column, row, index);
      if (!places.has(x + shape[0] * (y + shape[1] * z))) continue;
      values[row * width + column] = 1;
      count += 1;
    }
  }
  return count === 0 ? null : { width, height, values };
}
