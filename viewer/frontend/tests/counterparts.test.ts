import assert from "node:assert/strict";
import { test } from "node:test";
import { counterparts, measure } from "../src/maths/counterparts";
import { boxes } from "./boxes";

const box = (number: number, low: number[], high: number[]) => ({ number, low, high });

test("a box of 2 by 3 by 4 mm measures 24 mm3", () => {
  assert.deepEqual(measure(boxes(box(1, [5, 5, 5], [7, 8, 9])), new Set([1])), { low: [5, 5, 5], high: [7, 8, 9], volumeMm3: 24 });
});

test("components that are not asked for are not measured", () => {
  const surface = boxes(box(1, [0, 0, 0], [1, 1, 1]), box(2, [10, 10, 10], [12, 12, 12]));
  assert.equal(measure(surface, new Set([2]))!.volumeMm3, 8);
  assert.equal(measure(surface, new Set([3])), null);
});

test("a component that shares one voxel is a counterpart, one that touches by a face is none", () => {
  const source = boxes(box(4, [0, 0, 0], [3, 3, 3]));
  const others = boxes(box(1, [2, 2, 2], [9, 9, 9]), box(2, [3, 0, 0], [5, 3, 3]), box(3, [0, 0, 3], [3, 3, 6]));
  assert.deepEqual(counterparts(source, 4, others), [1]);
});

test("a single voxel inside a large body finds it, and the body finds the voxel", () => {
  const voxel = boxes(box(7, [10, 10, 10], [11, 11, 11]));
  const body = boxes(box(1, [0, 0, 0], [40, 40, 40]));
  assert.deepEqual([counterparts(voxel, 7, body), counterparts(body, 1, voxel)], [[1], [7]]);
});

test("a voxel in the hollow of a shell shares nothing with it", () => {
  const shell = boxes(box(1, [0, 0, 0], [9, 9, 9]));
  const wall = boxes(box(1, [3, 3, 3], [6, 6, 6])); // the cavity's wall, turned inwards
  const inward = Array.from(wall.index).map((vertex) => vertex + shell.positions.length / 3);
  for (let t = 0; t < inward.length; t += 3) [inward[t], inward[t + 1]] = [inward[t + 1], inward[t]];
  const hollow = {
    positions: [...Array.from(shell.positions), ...Array.from(wall.positions)],
    index: [...Array.from(shell.index), ...inward],
    components: [...Array.from(shell.components), ...Array.from(wall.components)],
  };
  assert.equal(measure(hollow, new Set([1]))!.volumeMm3, 9 ** 3 - 3 ** 3);
  assert.deepEqual(counterparts(boxes(box(2, [4, 4, 4], [5, 5, 5])), 2, hollow), []);
});

test("counterparts come by how much they share", () => {
  const source = boxes(box(1, [0, 0, 0], [10, 2, 2]));
  const others = boxes(box(8, [0, 0, 0], [2, 2, 2]), box(9, [3, 0, 0], [10, 2, 2]));
  assert.deepEqual(counterparts(source, 1, others), [9, 8]);
});

test("half-millimetre voxels are not slipped through", () => {
  const source = boxes(box(1, [0.5, 0.5, 0.5], [1, 1, 1]));
  assert.deepEqual(counterparts(source, 1, boxes(box(5, [0.5, 0.5, 0], [1, 1, 2]))), [5]);
});

test("a component that does not exist has no counterparts", () => {
  assert.deepEqual(counterparts(boxes(box(1, [0, 0, 0], [1, 1, 1])), 2, boxes(box(1, [0, 0, 0], [1, 1, 1]))), []);
});
