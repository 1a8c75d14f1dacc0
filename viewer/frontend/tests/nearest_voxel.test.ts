import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestVoxel } from "../src/maths/nearest_voxel";
import type { Vec3 } from "../src/maths/vec3";

const cube: Vec3 = [1, 1, 1];
const only = (...voxels: Vec3[]) => (voxel: Vec3) => voxels.some((own) => own.join() === voxel.join());

test("a point in a voxel of its own stays in it", () => assert.deepEqual(nearestVoxel([4.4, 5, 6], cube, only([4, 5, 6], [5, 5, 6])), [4, 5, 6]));
test("a point in another's voxel goes to the nearest of its own", () => assert.deepEqual(nearestVoxel([4.4, 5.2, 6], cube, only([5, 5, 6], [3, 5, 6], [4, 6, 6])), [5, 5, 6]));
test("near is what few millimetres are", () => assert.deepEqual(nearestVoxel([4.4, 5.3, 6], [3, 0.5, 0.5], only([5, 5, 6], [4, 6, 6])), [4, 6, 6]));
test("a corner counts as a neighbour, a voxel further off does not", () => {
  assert.deepEqual(nearestVoxel([4, 5, 6], cube, only([5, 6, 7])), [5, 6, 7]);
  assert.equal(nearestVoxel([4, 5, 6], cube, only([6, 5, 6])), null);
});
