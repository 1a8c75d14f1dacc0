import assert from "node:assert/strict";
import { test } from "node:test";
import type { Convention } from "../src/maths/presets";
import type { Vec3 } from "../src/maths/vec3";
import type { Plane } from "../src/props";
import { commonBox, contentBox } from "../src/slices/content_box";
import { extract } from "../src/slices/extract";
import { middle } from "../src/slices/middle";
import { outlines } from "../src/slices/outlines";
import { placement } from "../src/slices/placement";
import { pixelOf, section, voxelOf } from "../src/slices/section";
import { valueAt } from "../src/slices/value_at";
import { assertClose } from "./close";

const SHAPE: Vec3 = [3, 4, 5];
const volume = Uint8Array.from({ length: 60 }, (_, i) => i); // value = x + 3 y + 12 z
const PLANES: Plane[] = ["axial", "coronal", "sagittal"];
const CONVENTIONS: Convention[] = ["radiological", "neurological"];

test("each pixel of each slice is the voxel it says it is", () => {
  for (const plane of PLANES) {
    for (const convention of CONVENTIONS) {
      const cut = section(plane, convention);
      for (let index = 0; index < SHAPE[cut.through]; index++) {
        const { width, height, values } = extract(volume, SHAPE, cut, index);
        for (let row = 0; row < height; row++) {
          for (let column = 0; column < width; column++) {
            const voxel = voxelOf(cut, SHAPE, column, row, index);
            assert.equal(values[row * width + column], valueAt(volume, SHAPE, voxel), `${plane} ${convention} ${voxel}`);
            assert.deepEqual(pixelOf(cut, SHAPE, voxel), [column, row]);
          }
        }
      }
    }
  }
});

test("an axial slice has the patient's right on the left in radiological use and on the right in neurological", () => {
  const rightmost = 2; // x grows to the patient's right
  assert.equal(voxelOf(section("axial", "radiological"), SHAPE, 0, 0, 0)[0], rightmost);
  assert.equal(voxelOf(section("axial", "neurological"), SHAPE, 0, 0, 0)[0], 0);
  assert.equal(section("axial", "radiological").letters.left, "R");
  assert.equal(section("coronal", "neurological").letters.left, "L");
});

test("the front is on top of an axial slice, the head on top of the others", () => {
  assert.equal(voxelOf(section("axial", "radiological"), SHAPE, 0, 0, 0)[1], 3);
  for (const plane of ["coronal", "sagittal"] as const) assert.equal(voxelOf(section(plane, "radiological"), SHAPE, 0, 0, 0)[2], 4);
});

test("one pixel has the outline of its four edges", () => {
  const lines = outlines({ width: 3, height: 3, values: Uint8Array.of(0, 0, 0, 0, 2, 0, 0, 0, 0) }, 2);
  assert.deepEqual(lines, [[1, 1, 2, 1], [1, 2, 2, 2], [1, 1, 1, 2], [2, 1, 2, 2]]);
});

test("the outline of an L is as long as its exposed edges, in as few lines as it has sides", () => {
  const lines = outlines({ width: 2, height: 2, values: Uint8Array.of(1, 0, 1, 1) }, 1);
  assert.equal(lines.reduce((sum, [x0, y0, x1, y1]) => sum + x1 - x0 + y1 - y0, 0), 8);
  assert.equal(lines.length, 6);
});

test("between two labels both have an outline", () => {
  const picture = { width: 2, height: 1, values: Uint8Array.of(1, 2) };
  for (const value of [1, 2]) assert.ok(outlines(picture, value).some((line) => line.join() === "1,0,1,1"));
});

test("a value that is nowhere has no outline", () => assert.deepEqual(outlines({ width: 1, height: 1, values: Uint8Array.of(0) }, 3), []));

test("the content's box is found to the voxel", () => {
  const sparse = new Uint8Array(60);
  sparse[1 + 3 * 2 + 12 * 1] = 9;
  sparse[2 + 3 * 0 + 12 * 4] = 1;
  assert.deepEqual(contentBox(sparse, SHAPE), { low: [1, 0, 1], high: [2, 2, 4] });
  assert.equal(contentBox(new Uint8Array(60), SHAPE), null);
});

test("a common box keeps its margin within the volume, and without content it is the whole", () => {
  assert.deepEqual(commonBox([{ low: [1, 2, 2], high: [1, 2, 2] }, null], SHAPE, 1), { low: [0, 1, 1], high: [2, 3, 3] });
  assert.deepEqual(commonBox([null], SHAPE, 1), { low: [0, 0, 0], high: [2, 3, 4] });
});

test("a box fills the canvas, centred, with voxels as wide and high as their spacing says", () => {
  const cut = section("axial", "neurological");
  const place = placement(cut, [10, 10, 4], [1, 2, 5], { low: [2, 4, 0], high: [5, 7, 3] }, 200, 400);
  assertClose([place.sx, place.sy], [50, 100]); // 4 columns of 1 mm and 4 rows of 2 mm on 200 by 400
  assertClose([place.x + 2 * place.sx, place.x + 6 * place.sx], [0, 200]);
  assertClose([place.y + 2 * place.sy, place.y + 6 * place.sy], [0, 400]);
});

test("the middle of a labelled block is its centre, and of nothing there is none", () => {
  const block = new Uint8Array(60);
  for (const z of [1, 2, 3]) block[1 + 3 * 2 + 12 * z] = 2;
  assert.deepEqual(middle(block, SHAPE), [1, 2, 2]);
  assert.equal(middle(new Uint8Array(60), SHAPE), null);
});

test("outside of a volume there is no value", () => {
  assert.equal(valueAt(volume, SHAPE, [3, 0, 0]), null);
  assert.equal(valueAt(null, SHAPE, [0, 0, 0]), null);
});
