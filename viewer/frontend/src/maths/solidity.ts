/** Opacity of a label's surface facing the eye and at its edge. */
export type Solidity = readonly [facing: number, edge: number];

/**
 * How solid tissue is drawn: the outermost is a veil, so that what it encloses stays visible.
 * Necrosis lies within enhancing tumour, and that within oedema; errors lie on what is agreed.
 */
const KNOWN: Readonly<Record<string, Solidity>> = {
  NCR: [1, 1],
  NETC: [1, 1],
  ET: [0.26, 0.95],
  RC: [0.42, 0.9],
  ED: [0.2, 0.56],
  SNFH: [0.2, 0.56],
  agreed: [0.14, 0.5],
  "false-positive": [1, 1],
  "false-negative": [1, 1],
  "wrong-class": [1, 1],
  distance: [1, 1],
};
/** How much sooner an edge becomes solid than a face, where a label's own look does not say it. */
const EDGE_AHEAD = 3;

/** The solidity of a label by its name; labels of a scheme of one's own are half solid. */
export function solidity(name: string): Solidity {
  return KNOWN[name] ?? [0.6, 0.95];
}

/**
 * The solidity of a label that somebody made this opaque, 0 to 1 facing the eye.
 * The edge follows as a stack of veils would: the same number of them that the label has by default.
 */
export function solidityAt(name: string, opacity: number): Solidity {
  const [facing, edge] = solidity(name);
  const layers = facing < 1 && edge < 1 ? Math.log(1 - edge) / Math.log(1 - facing) : EDGE_AHEAD;
  return [opacity, 1 - (1 - opacity) ** layers];
}

/** Whether tissue is a veil: looked through by eyes and by clicks. */
export function isVeil(name: string): boolean {
  return solidity(name)[0] < 0.25;
}
