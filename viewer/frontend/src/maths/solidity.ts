/** Opacity of a label's surface facing the eye and at its edge. */
export type Solidity = readonly [facing: number, edge: number];

/**
 * How solid tissue is drawn: the outermost is a veil, so that what it encloses stays visible.
 * Necrosis lies within enhancing tumour, and that within oedema.
 */
const KNOWN: Readonly<Record<string, Solidity>> = {
  NCR: [1, 1],
  NETC: [1, 1],
  ET: [0.26, 0.95],
  RC: [0.42, 0.9],
  ED: [0.2, 0.56],
  SNFH: [0.2, 0.56],
};

/** The solidity of a label by its name; labels of a scheme of one's own are half solid. */
export function solidity(name: string): Solidity {
  return KNOWN[name] ?? [0.6, 0.95];
}

/** Whether tissue is a veil: looked through by eyes and by clicks. */
export function isVeil(name: string): boolean {
  return solidity(name)[0] < 0.25;
}
