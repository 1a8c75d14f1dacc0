import type { Vec3 } from "../maths/vec3";
import { contentBoxOnce } from "./content_box";

/** The voxel nearest the centre of mass of all labelled voxels; null where there are none. */
export function middle(labels: Uint8Array, shape: Vec3): Vec3 | null {
  const box = contentBoxOnce(labels, shape);
  if (box === null) return null;
  const sum = [0, 0, 0];
  let count = 0;
  for (let z = box.low[2]; z <= box.high[2]; z++) {
    for (let y = box.low[1]; y <= box.high[1]; y++) {
      const row = (z * shape[1] + y) * shape[0];
      for (let x = box.low[0]; x <= box.high[0]; x++) {
        if (labels[row + x] === 0) continue;
        sum[0] += x; sum[1] += y; sum[2] += z;
        count += 1;
      }
    }
  }
  return count === 0 ? null : (sum.map((value) => Math.round(value / count)) as unknown as Vec3);
}
