import assert from "node:assert/strict";
import { test } from "node:test";
import { coarseIndex } from "../src/maths/coarse";

/** A ball of unit quads on a sphere's parameters, as triangles; outwards. */
function ball(radius: number, rings: number, centre = 0): { positions: number[]; index: number[] } {
  const positions: number[] = [], index: number[] = [];
  for (let i = 0; i <= rings; i++) {
    for (let j = 0; j < 2 * rings; j++) {
      const [polar, turn] = [(Math.PI * i) / rings, (Math.PI * j) / rings];
      positions.push(centre + radius * Math.sin(polar) * Math.cos(turn), radius * Math.sin(polar) * Math.sin(turn), radius * Math.cos(polar));
    }
  }
  for (let i = 0; i < rings; i++) {
    for (let j = 0; j < 2 * rings; j++) {
      const [a, b] = [i * 2 * rings + j, i * 2 * rings + ((j + 1) % (2 * rings))];
      index.push(a, a + 2 * rings, b, b, a + 2 * rings, b + 2 * rings);
    }
  }
  return { positions, index };
}

function volume(positions: number[], index: ArrayLike<number>): number {
  let sixfold = 0;
  for (let t = 0; t < index.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => positions.slice(3 * index[t + k], 3 * index[t + k] + 3));
    sixfold += a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
  }
  return sixfold / 6;
}

test("a ball keeps its volume on a fraction of its triangles", () => {
  const { positions, index } = ball(20, 60);
  const coarse = coarseIndex(positions, index, null, 4);
  assert.ok(coarse.length < index.length / 3);
  assert.ok(Math.abs(volume(positions, coarse) / volume(positions, index) - 1) < 0.03);
});

test("numbered pieces never share a vertex, and a small one keeps every triangle", () => {
  const [large, small] = [ball(20, 60), ball(1, 5, 20.5)];
  const first = large.positions.length / 3;
  const positions = [...large.positions, ...small.positions];
  const index = [...large.index, ...small.index.map((vertex) => vertex + first)];
  const pieces = positions.filter((_, i) => i % 3 === 0).map((_, vertex) => (vertex < first ? 1 : 2));
  const coarse = [...coarseIndex(positions, index, pieces, 4)];
  for (let t = 0; t < coarse.length; t += 3) assert.equal(new Set(coarse.slice(t, t + 3).map((vertex) => pieces[vertex])).size, 1);
  const isDegenerate = (t: number) => new Set(small.index.slice(t, t + 3)).size < 3;
  const whole = small.index.filter((_, i) => !isDegenerate(i - (i % 3))).map((vertex) => vertex + first);
  assert.deepEqual(coarse.filter((vertex) => pieces[vertex] === 2), whole);
});
