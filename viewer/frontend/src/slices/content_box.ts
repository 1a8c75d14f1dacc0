import type { Vec3 } from "../maths/vec3";

/** Lowest and highest voxel index that holds something. */
export interface Box {
  readonly low: Vec3;
  readonly high: Vec3;
}

/** The box of a volume's values above zero; null where there are none. */
export function contentBox(volume: Uint8Array, shape: Vec3): Box | null {
  const low = [shape[0], shape[1], shape[2]];
  const high = [-1, -1, -1];
  for (let z = 0, at = 0; z < shape[2]; z++) {
    for (let y = 0; y < shape[1]; y++, at += shape[0]) {
      // plain steps, for this passes over every voxel of every method when a case opens
      let [first, last] = [0, shape[0] - 1];
      while (first <= last && volume[at + first] === 0) first++;
      if (first > last) continue;
      while (volume[at + last] === 0) last--;
      [first, y, z].forEach((value, axis) => (low[axis] = Math.min(low[axis], value)));
      [last, y, z].forEach((value, axis) => (high[axis] = Math.max(high[axis], value)));
    }
  }
  return high[0] < 0 ? null : { low: low as unknown as Vec3, high: high as unknown as Vec3 };
}

const known = new WeakMap<Uint8Array, Box | null>();

/** The same for a volume that nobody changes; found once, though every other that arrives asks again. */
export function contentBoxOnce(volume: Uint8Array, shape: Vec3): Box | null {
  if (!known.has(volume)) known.set(volume, contentBox(volume, shape));
  return known.get(volume)!;
}

/** The smallest box around all given, with a margin of voxels, within the volume; the whole volume for none. */
export function commonBox(boxes: readonly (Box | null)[], shape: Vec3, margin: number): Box {
  const there = boxes.filter((box) => box !== null);
  if (there.length === 0) return { low: [0, 0, 0], high: [shape[0] - 1, shape[1] - 1, shape[2] - 1] };
  const along = (axis: number) => ({
    low: Math.max(0, Math.min(...there.map(({ low }) => low[axis])) - margin),
    high: Math.min(shape[axis] - 1, Math.max(...there.map(({ high }) => high[axis])) + margin),
  });
  const axes = [0, 1, 2].map(along);
  return { low: axes.map(({ low }) => low) as unknown as Vec3, high: axes.map(({ high }) => high) as unknown as Vec3 };
}
