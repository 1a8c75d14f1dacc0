/**
 * How many columns show `count` panels in a width, every row about equally full.
 *
 * Four panels stand side by side where each gets `narrowest` pixels, else two by two, never three and one.
 */
export function columnsFor(count: number, width: number, narrowest = 250): number {
  const most = Math.max(1, Math.floor(width / narrowest));
  const rows = Math.ceil(Math.max(1, count) / most);
  return Math.ceil(Math.max(1, count) / rows);
}
