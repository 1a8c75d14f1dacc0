import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix4, Vector3 } from "three";
import { gltfFromMm, MM_FROM_GLTF, mmFromVoxel, recountedVoxel, voxelFromMm, type Affine } from "../src/maths/coordinates";
import { fittingDistanceMm, FIELD_OF_VIEW, mmPerPixel } from "../src/maths/fit";
import { spacingMm } from "../src/slices/spacing";
import { assertClose } from "./close";

const oblique: Affine = [[-0.9, 0.1, 0.2, 88], [0.15, 0, -1.4, -20], [0.05, -2, 0.3, 31], [0, 0, 0, 1]];

test("what goes to glTF comes back in millimetres", () => {
  const back = new Vector3(...gltfFromMm([12, -34, 56])).applyMatrix4(new Matrix4().fromArray([...MM_FROM_GLTF]));
  assertClose(back.toArray(), [12, -34, 56]);
});

test("the head is up in glTF", () => assertClose(gltfFromMm([0, 0, 1000]), [0, 1, 0]));

test("a voxel's millimetres lead back to the voxel through a sheared, flipped affine", () => {
  assertClose(voxelFromMm(oblique, mmFromVoxel(oblique, [7, 11, 3])), [7, 11, 3]);
});

test("voxel zero lies at the affine's last column", () => assertClose(mmFromVoxel(oblique, [0, 0, 0]), [88, -20, 31]));

test("the voxel that is read is the one that is named, half way between two as well, where the file counts the other way", () => {
  const shown: Affine = [[2, 0, 0, -9], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]];
  const file: Affine = [[-2, 0, 0, 9], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]]; // ten voxels from right to left
  for (const x of [3, 3.49, 3.5, 3.51, 4]) {
    const read = voxelFromMm(shown, mmFromVoxel(shown, [x, 1, 0])).map(Math.round) as unknown as [number, number, number];
    assert.deepEqual(recountedVoxel(shown, file, read), [9 - read[0], 1, 0]);
  }
  assert.ok(Object.is(recountedVoxel(shown, file, [9, 0, 0])[0], 0)); // never "-0"
});

test("spacing is the length of the affine's columns", () => {
  assertClose(spacingMm([[0, 3, 0, 5], [-2, 0, 0, 5], [0, 0, 0.5, 5], [0, 0, 0, 1]]), [2, 3, 0.5]);
});

test("at the fitting distance a ball touches the nearer edge of the view", () => {
  const half = (FIELD_OF_VIEW * Math.PI) / 360;
  assertClose([fittingDistanceMm(80, 2)], [80 / Math.sin(half)]);
  const narrow = Math.atan(Math.tan(half) * 0.5);
  assertClose([fittingDistanceMm(80, 0.5)], [80 / Math.sin(narrow)]);
});

test("the pixels of a view together span its height", () => {
  const half = (FIELD_OF_VIEW * Math.PI) / 360;
  assertClose([mmPerPixel(500, 400) * 400], [2 * 500 * Math.tan(half)]);
});
