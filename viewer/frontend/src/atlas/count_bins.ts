export interface Bins {
  readonly edges: readonly number[];
  readonly all: readonly number[];
  readonly taken: readonly number[];
  /** How many of all, and of those taken, have a value. */
  readonly known: number;
}

/** Count positions a bin: all of them, and those that are taken; what has no position is in no bin. */
export function histogram(positions: Float32Array, mask: Uint8Array, bins: number): Bins {
  let low = Infinity;
  let high = -Infinity;
  for (const value of positions) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(low <= high)) return { edges: [], all: [], taken: [], known: 0 };
  const width = (high - low || 1) / bins;
  const all = new Array<number>(bins).fill(0);
  const taken = new Array<number>(bins).fill(0);
  let known = 0;
  for (let i = 0; i < positions.length; i++) {
    const value = positions[i]!;
    if (value !== value) continue;
    const bin = Math.min(bins - 1, Math.floor((value - low) / width));
    all[bin]!++;
    taken[bin]! += mask[i]!;
    known++;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, i) => low + i * width), all, taken, known };
}

/** Count codes: all, and those taken. */
export function countCodes(codes: Uint8Array, mask: Uint8Array): { all: Uint32Array; taken: Uint32Array } {
  const all = new Uint32Array(256);
  const taken = new Uint32Array(256);
  for (let i = 0; i < codes.length; i++) {
    all[codes[i]!]!++;
    taken[codes[i]!]! += mask[i]!;
  }
  return { all, taken };
}
