import type { Basis } from "./orbit";
import { dot, type Vec3 } from "./vec3";

export type Letter = "R" | "L" | "A" | "P" | "S" | "I";

/** The six anatomical directions of RAS+ space. */
const DIRECTIONS: Readonly<Record<Letter, Vec3>> = {
  R: [1, 0, 0],
  L: [-1, 0, 0],
  A: [0, 1, 0],
  P: [0, -1, 0],
  S: [0, 0, 1],
  I: [0, 0, -1],
};

export const WORDS: Readonly<Record<Letter, string>> = {
  R: "right",
  L: "left",
  A: "front",
  P: "back",
  S: "head",
  I: "feet",
};

const LETTERS = Object.keys(DIRECTIONS) as Letter[];
/** A direction is named on an edge when it leans that way by at least this much (cosine). */
const NAMED_FROM = 0.38;

/** What lies towards a direction: up to two letters, the strongest first, as scanners print them. */
export function lettersTowards(direction: Vec3): string {
  const leaning = LETTERS.map((letter) => ({ letter, lean: dot(DIRECTIONS[letter], direction) }));
  const named = leaning.filter(({ lean }) => lean >= NAMED_FROM).sort((a, b) => b.lean - a.lean);
  return named.slice(0, 2).map(({ letter }) => letter).join("");
}

/** The letters at the four edges of a view. */
export function edgeLetters({ right, up }: Basis): { left: string; right: string; top: string; bottom: string } {
  const opposite = (v: Vec3): Vec3 => [-v[0], -v[1], -v[2]];
  return {
    left: lettersTowards(opposite(right)),
    right: lettersTowards(right),
    top: lettersTowards(up),
    bottom: lettersTowards(opposite(up)),
  };
}

/** The six ends of a compass as the camera sees them: unit square, y up; depth 1 points at the viewer. Far ends first. */
export function compassEnds({ right, up, toEye }: Basis): { letter: Letter; x: number; y: number; depth: number }[] {
  return LETTERS.map((letter) => {
    const direction = DIRECTIONS[letter];
    return { letter, x: dot(direction, right), y: dot(direction, up), depth: dot(direction, toEye) };
  }).sort((a, b) => a.depth - b.depth);
}
