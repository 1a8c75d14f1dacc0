/** Grey values shown black and white, 0 to 255. */
export type Window = readonly [low: number, high: number];

export const WHOLE: Window = [0, 255];
const BRIGHTEST = 255;

/** A window made wider by so many grey values and moved up by so many, kept within the greys and at least one wide. */
export function adjusted([low, high]: Window, wider: number, up: number): Window {
  const width = Math.min(BRIGHTEST, Math.max(1, high - low + wider));
  const middle = Math.min(BRIGHTEST - width / 2, Math.max(width / 2, (low + high) / 2 + up));
  const from = Math.round(middle - width / 2);
  return [from, Math.min(BRIGHTEST, Math.max(from + 1, Math.round(middle + width / 2)))];
}
