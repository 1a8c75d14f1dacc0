/** The keys on the stage in their order: those wanted that there are, or all. */
export function shownKeys(all: readonly string[], wanted: readonly string[] | null | undefined): string[] {
  const shown = (wanted ?? []).filter((key) => all.includes(key));
  return shown.length > 0 ? shown : [...all];
}

/** The order with one key moved by so many places, ends being ends. */
export function shifted(keys: readonly string[], key: string, by: number): string[] {
  const from = keys.indexOf(key);
  const to = Math.min(keys.length - 1, Math.max(0, from + by));
  const rest = keys.filter((other) => other !== key);
  return from < 0 ? [...keys] : [...rest.slice(0, to), key, ...rest.slice(to)];
}

/** The order with two keys in each other's place; as it was where one of them is not in it. */
export function swapped(keys: readonly string[], one: string, other: string): string[] {
  if (!keys.includes(one) || !keys.includes(other)) return [...keys];
  return keys.map((key) => (key === one ? other : key === other ? one : key));
}

/** The order without a key, or with it at the place it has among all; the last one stays. */
export function toggled(all: readonly string[], keys: readonly string[], key: string): string[] {
  if (keys.includes(key)) return keys.length > 1 ? keys.filter((other) => other !== key) : [...keys];
  const before = all.slice(0, all.indexOf(key)).filter((other) => keys.includes(other));
  const at = Math.max(-1, ...before.map((other) => keys.indexOf(other))) + 1;
  return [...keys.slice(0, at), key, ...keys.slice(at)];
}

/** How the address writes an order; null for that of the study. */
export function writtenOrder(all: readonly string[], keys: readonly string[]): string | null {
  return keys.join() === all.join() ? null : keys.join();
}
