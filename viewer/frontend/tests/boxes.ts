import type { Triangles } from "../src/maths/counterparts";

/** The surface of axis-parallel boxes, one component a box, numbered as given; faces outward. */
export function boxes(...list: { number: number; low: number[]; high: number[] }[]): Triangles {
  const positions: number[] = [];
  const index: number[] = [];
  const components: number[] = [];
  for (const { number, low, high } of list) {
    for (let axis = 0; axis < 3; axis++) {
      for (const side of [0, 1]) {
        const [u, v] = side === 1 ? [(axis + 1) % 3, (axis + 2) % 3] : [(axis + 2) % 3, (axis + 1) % 3];
        const first = positions.length / 3;
        for (const [a, b] of [[0, 0], [1, 0], [1, 1], [0, 1]]) {
          const corner = [0, 0, 0];
          corner[axis] = side === 1 ? high[axis] : low[axis];
          corner[u] = a === 1 ? high[u] : low[u];
          corner[v] = b === 1 ? high[v] : low[v];
          positions.push(...corner);
          components.push(number);
        }
        index.push(first, first + 1, first + 2, first, first + 2, first + 3);
      }
    }
  }
  return { positions, index, components };
}
