import assert from "node:assert/strict";
import { test } from "node:test";
import { softShading } from "../src/maths/soft_shading";
import { boxes } from "./boxes";

test("in the middle of a large wall the soft normal is the wall's own", () => {
  const { positions, index } = boxes({ number: 1, low: [0, 0, 0], high: [40, 40, 40] });
  const withCentre = [...Array.from(positions), 40, 20, 20];
  const { normals } = softShading(withCentre, index, 2);
  const last = normals.slice(-3);
  assert.ok(last[0] > 0.999 && Math.abs(last[1]) < 0.05 && Math.abs(last[2]) < 0.05, `${last}`);
});

test("at a corner the soft normal leans to all three walls and the surface is a ridge", () => {
  const { positions, index } = boxes({ number: 1, low: [0, 0, 0], high: [20, 20, 20] });
  const { normals, hollows } = softShading(positions, index, 2);
  const corner = Array.from({ length: positions.length / 3 }, (_, i) => i).find((i) => [0, 1, 2].every((axis) => positions[3 * i + axis] === 20))!;
  for (let axis = 0; axis < 3; axis++) assert.ok(Math.abs(normals[3 * corner + axis] - 1 / Math.sqrt(3)) < 0.02);
  assert.ok(hollows[corner] < -0.1);
});

test("the same wall cut into more triangles is lit the same", () => {
  const wall = (cuts: number) => {
    const positions: number[] = [];
    const index: number[] = [];
    for (let i = 0; i <= cuts; i++) for (let j = 0; j <= cuts; j++) positions.push((12 * i) / cuts, (12 * j) / cuts, Math.abs((12 * i) / cuts - 6));
    const at = (i: number, j: number) => i * (cuts + 1) + j;
    for (let i = 0; i < cuts; i++) for (let j = 0; j < cuts; j++) index.push(at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j), at(i + 1, j + 1), at(i, j + 1));
    const { normals } = softShading(positions, index, 1);
    return normals.slice(3 * at(cuts / 2, cuts / 2), 3 * at(cuts / 2, cuts / 2) + 3);
  };
  const [coarse, fine] = [wall(2), wall(24)];
  for (let axis = 0; axis < 3; axis++) assert.ok(Math.abs(coarse[axis] - fine[axis]) < 0.06, `${coarse} and ${fine}`);
});
