/** The atlas as the server writes it (viewer/fragment_atlas.py): typed arrays laid over one buffer. */
export interface AtlasColumns {
  readonly count: number;
  /** Components in the results; more than `count` where they were thinned out. */
  readonly total: number;
  readonly patients: readonly string[];
  readonly methods: readonly string[];
  readonly labels: readonly string[];
  readonly verdicts: readonly string[];
  readonly outcomes: readonly string[];
  readonly numbers: Readonly<Record<string, Float32Array | Uint32Array | Uint8Array>>;
}

export type Up = "distance" | "baseline" | "reference";
export type Code = "label" | "method" | "verdict" | "outcome";
export const CODES: readonly Code[] = ["verdict", "outcome", "label", "method"];
/** Code of a component without verdict or outcome. */
export const NONE = 255;

const MAGIC = "GATL0001";
const TYPES = { f4: Float32Array, u4: Uint32Array, u1: Uint8Array } as const;

/** Lay arrays over the bytes; throws where they are no atlas. */
export function readAtlas(buffer: ArrayBuffer): AtlasColumns {
  const magic = new TextDecoder().decode(new Uint8Array(buffer, 0, Math.min(8, buffer.byteLength)));
  if (magic !== MAGIC) throw new Error("these bytes are no atlas");
  const length = new DataView(buffer).getUint32(8, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 12, length)));
  const numbers: Record<string, Float32Array | Uint32Array | Uint8Array> = {};
  let at = 12 + length;
  for (const [name, type] of head.columns as [string, keyof typeof TYPES][]) {
    const column = new TYPES[type](buffer, at, head.count);
    numbers[name] = column;
    at += column.byteLength + ((4 - (column.byteLength % 4)) % 4);
  }
  return { ...head, numbers };
}

/** Sizes on their axis: log10 of the voxels. */
export function acrossPositions(atlas: AtlasColumns): Float32Array {
  return Float32Array.from(atlas.numbers["voxels"]!, (voxels) => Math.log10(Math.max(1, voxels)));
}

/** What stands up, on its axis: log10(1 + mm), or a share; NaN where it is unknown. */
export function upPositions(atlas: AtlasColumns, up: Up): Float32Array {
  if (up !== "distance") return Float32Array.from(atlas.numbers[up]!);
  return Float32Array.from(atlas.numbers["distance_mm"]!, (mm) => Math.log10(1 + mm));
}

/** The words of a code column, and those for `NONE`. */
export function wordsOf(atlas: AtlasColumns, code: Code): readonly string[] {
  return { label: atlas.labels, method: atlas.methods, verdict: atlas.verdicts, outcome: atlas.outcomes }[code];
}
