import assert from "node:assert/strict";
import { test } from "node:test";
import { settled } from "../src/maths/settle";
import type { Vec3 } from "../src/maths/vec3";

const inward: Vec3 = [0, 0, -2]; // voxels of 2 mm
const above = ([, , z]: Vec3) => z < 9.5;

test("a point in its own voxel stays where it is", () => assert.deepEqual(settled([1, 2, 9], inward, above), [1, 2, 9]));
test("a point in the neighbour's voxel goes inwards until it is in its own", () => {
  const found = settled([1, 2, 10], inward, above);
  assert.deepEqual(found.slice(0, 2), [1, 2]);
  assert.ok(above(found) && found[2] > 9);
});
test("no further than a voxel", () => assert.deepEqual(settled([1, 2, 12], inward, above), [1, 2, 12]));
test("where nobody knows the voxels a point stays", () => assert.deepEqual(settled([1, 2, 10], inward, () => false), [1, 2, 10]));
