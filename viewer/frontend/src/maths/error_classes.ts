/** Kinds of voxels of a region; the same values as in analysis/error_classes.py. */
export const AGREED = 1;
export const FALSE_POSITIVE = 2;
export const FALSE_NEGATIVE = 3;
export const WRONG_CLASS = 4;

/** The errors of a whole volume. */
export interface ErrorVolume {
  /** One kind a voxel, 0 outside. */
  readonly volume: Uint8Array;
  /** Voxels of each kind, by its value. */
  readonly counts: readonly number[];
}

/** The kind of each pair of labels: 256 times the reference's, plus the prediction's. */
function errorTable(members: readonly number[]): Uint8Array {
  const table = new Uint8Array(65536);
  const isMember = (label: number) => members.includes(label);
  for (const member of members) {
    for (let other = 0; other < 256; other++) {
      table[256 * other + member] = isMember(other) ? WRONG_CLASS : FALSE_POSITIVE;
      table[256 * member + other] = isMember(other) ? WRONG_CLASS : FALSE_NEGATIVE;
    }
  }
  for (const member of members) table[257 * member] = AGREED;
  return table;
}

/** Classify every voxel of two label volumes of one grid for a region. */
export function errorVolume(reference: Uint8Array, prediction: Uint8Array, members: readonly number[]): ErrorVolume {
  const table = errorTable(members);
  const volume = new Uint8Array(reference.length);
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < volume.length; i++) {
    // most voxels are background in both: they cost one comparison
    if (reference[i] === 0 && prediction[i] === 0) continue;
    const kind = table[256 * reference[i] + prediction[i]];
    volume[i] = kind;
    counts[kind] += 1;
  }
  counts[0] = volume.length - counts[1] - counts[2] - counts[3] - counts[4];
  return { volume, counts };
}
