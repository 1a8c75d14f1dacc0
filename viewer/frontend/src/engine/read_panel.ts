/** A panel's pixels, summed up for tests and for telling whether two panels show the same. */
export interface PanelReading {
  readonly width: number;
  readonly height: number;
  /** Pixels that are not empty. */
  readonly covered: number;
  /** Counts of covered pixels by red, green and blue, four steps each: index 16 r + 4 g + b. */
  readonly histogram: number[];
  /** Opaque pixels darker than a quarter in all three colours; edges, which are only partly covered, do not count. */
  readonly black: number;
  /** FNV-1a over all bytes, hexadecimal. */
  readonly fingerprint: string;
}

const OPAQUE = 250;

/** Sum up RGBA bytes. */
export function readingOf(pixels: Uint8Array, width: number, height: number): PanelReading {
  const histogram = new Array<number>(64).fill(0);
  let covered = 0;
  let black = 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < pixels.length; i++) hash = Math.imul(hash ^ pixels[i], 0x01000193);
  for (let i = 0; i < pixels.length; i += 4) {
    if (pixels[i + 3] === 0) continue;
    covered += 1;
    if (pixels[i + 3] >= OPAQUE && Math.max(pixels[i], pixels[i + 1], pixels[i + 2]) < 64) black += 1;
    histogram[16 * (pixels[i] >> 6) + 4 * (pixels[i + 1] >> 6) + (pixels[i + 2] >> 6)] += 1;
  }
  return { width, height, covered, histogram, black, fingerprint: (hash >>> 0).toString(16).padStart(8, "0") };
}
