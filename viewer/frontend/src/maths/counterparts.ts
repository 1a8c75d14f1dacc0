import type { Vec3 } from "./vec3";

/** Triangles of numbered components, in millimetres. */
export interface Triangles {
  /** x, y, z of each vertex. */
  readonly positions: ArrayLike<number>;
  /** Three vertices a triangle. */
  readonly index: ArrayLike<number>;
  /** The component of each vertex. */
  readonly components: ArrayLike<number>;
}

/** What is known of a component from its surface. */
export interface Measure {
  readonly low: Vec3;
  readonly high: Vec3;
  readonly volumeMm3: number;
}

/** Touching faces share no volume; less than this is rounding, mm. */
const TOUCH_MM = 1e-3;
/** Keeps the sampling lines off the lattice, where faces and their diagonals lie. */
const OFF_LATTICE = [0.0371, 0.0173] as const;

/** The box and volume of some components together; null when none has a triangle. */
export function measure({ positions, index, components }: Triangles, numbers: ReadonlySet<number>): Measure | null {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  let sixfold = 0;
  for (let t = 0; t < index.length; t += 3) {
    if (!numbers.has(components[index[t]])) continue;
    const [a, b, c] = [3 * index[t], 3 * index[t + 1], 3 * index[t + 2]];
    for (const at of [a, b, c]) {
      for (let axis = 0; axis < 3; axis++) {
        low[axis] = Math.min(low[axis], positions[at + axis]);
        high[axis] = Math.max(high[axis], positions[at + axis]);
      }
    }
    sixfold += positions[a] * (positions[b + 1] * positions[c + 2] - positions[b + 2] * positions[c + 1]);
    sixfold -= positions[a + 1] * (positions[b] * positions[c + 2] - positions[b + 2] * positions[c]);
    sixfold += positions[a + 2] * (positions[b] * positions[c + 1] - positions[b + 1] * positions[c]);
  }
  return low[0] === Infinity ? null : { low, high, volumeMm3: Math.abs(sixfold / 6) };
}

/**
 * The components of `others` that share volume with component `number` of `source`, the most shared first.
 *
 * Both surfaces must be closed. Volume is sampled on lines along z, at most 1 mm apart and at least two
 * across the component.
 */
export function counterparts(source: Triangles, number: number, others: Triangles): number[] {
  const box = measure(source, new Set([number]));
  if (box === null) return [];
  const step = Math.min(1, (box.high[0] - box.low[0]) / 2, (box.high[1] - box.low[1]) / 2);
  const own = crossings(source, box, step, (component) => component === number);
  const shared = new Map<number, number>();
  for (const [line, theirs] of crossings(others, box, step, () => true)) {
    const mine = own.get(line)?.get(number);
    if (mine === undefined) continue;
    for (const [component, ends] of theirs) {
      shared.set(component, (shared.get(component) ?? 0) + sharedLength(mine, ends));
    }
  }
  const found = [...shared].filter(([, length]) => length > TOUCH_MM);
  return found.sort((a, b) => b[1] - a[1]).map(([component]) => component);
}

/** The component that holds a point; null where none does. */
export function componentAround(surface: Triangles, [x, y, z]: Vec3): number | null {
  const box: Measure = { low: [x - 0.05, y - 0.05, z], high: [x + 0.05, y + 0.05, z], volumeMm3: 0 };
  const [line] = crossings(surface, box, 0.1, () => true).values();
  for (const [component, ends] of line ?? []) {
    if (ends.filter((end) => end > z).length % 2 === 1) return component;
  }
  return null;
}

/** For each sampling line in the box, for each component, where along z it enters and leaves. */
type Crossings = Map<number, Map<number, number[]>>;

function crossings(triangles: Triangles, { low, high }: Measure, step: number, wanted: (component: number) => boolean): Crossings {
  const { positions: p, index, components } = triangles;
  const found: Crossings = new Map();
  const across = Math.ceil((high[0] - low[0]) / step) + 1;
  const [x0, y0] = [low[0] + step * (0.5 + OFF_LATTICE[0]), low[1] + step * (0.5 + OFF_LATTICE[1])];
  for (let t = 0; t < index.length; t += 3) {
    const component = components[index[t]];
    if (!wanted(component)) continue;
    const [a, b, c] = [3 * index[t], 3 * index[t + 1], 3 * index[t + 2]];
    const [ax, ay, bx, by, cx, cy] = [p[a], p[a + 1], p[b], p[b + 1], p[c], p[c + 1]];
    const twice = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
    if (twice === 0) continue; // seen from its edge
    const [minX, maxX] = [Math.max(low[0], Math.min(ax, bx, cx)), Math.min(high[0], Math.max(ax, bx, cx))];
    const [minY, maxY] = [Math.max(low[1], Math.min(ay, by, cy)), Math.min(high[1], Math.max(ay, by, cy))];
    for (let i = Math.max(0, Math.ceil((minX - x0) / step)); x0 + i * step <= maxX; i++) {
      for (let j = Math.max(0, Math.ceil((minY - y0) / step)); y0 + j * step <= maxY; j++) {
        const [x, y] = [x0 + i * step, y0 + j * step];
        const u = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / twice;
        const v = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / twice;
        if (u < 0 || v < 0 || u + v > 1) continue;
        note(found, j * across + i, component, p[a + 2] + u * (p[b + 2] - p[a + 2]) + v * (p[c + 2] - p[a + 2]));
      }
    }
  }
  return found;
}

function note(crossings: Crossings, line: number, component: number, z: number): void {
  let onLine = crossings.get(line);
  if (onLine === undefined) crossings.set(line, (onLine = new Map()));
  const ends = onLine.get(component);
  if (ends === undefined) onLine.set(component, [z]);
  else ends.push(z);
}

/** The length that two sets of intervals share; each a list of ends in any order. */
function sharedLength(a: number[], b: number[]): number {
  const [first, second] = [[...a].sort((x, y) => x - y), [...b].sort((x, y) => x - y)];
  let length = 0;
  for (let i = 0; i + 1 < first.length; i += 2) {
    for (let j = 0; j + 1 < second.length; j += 2) {
      length += Math.max(0, Math.min(first[i + 1], second[j + 1]) - Math.max(first[i], second[j]));
    }
  }
  return length;
}
