import assert from "node:assert/strict";
import { test } from "node:test";
import { linearOfSrgb, rgbOfHex } from "../src/maths/colours";
import { columnsFor } from "../src/maths/grid_layout";
import { isVeil, solidity } from "../src/maths/solidity";
import { readingOf } from "../src/engine/read_panel";
import { assertClose } from "./close";

test("a hexadecimal colour is read channel by channel", () => assertClose(rgbOfHex("#ff9d4d"), [1, 157 / 255, 77 / 255]));
test("a colour's name is refused with a sentence", () => assert.throws(() => rgbOfHex("orange"), /written #rrggbb, not orange/));

test("linear light follows the standard: middle grey is about a fifth, black and white stay", () => {
  assertClose(linearOfSrgb([0, 1, 0.5]), [0, 1, 0.21404114], 1e-7);
  assertClose(linearOfSrgb([0.04, 0, 0]), [0.04 / 12.92, 0, 0]);
});

test("four panels stand side by side, then two by two, then one by one", () => {
  assert.deepEqual([1700, 1000, 999, 520, 499, 120].map((width) => columnsFor(4, width)), [4, 4, 2, 2, 1, 1]);
});

test("five panels that do not fit in a row make three and two", () => assert.equal(columnsFor(5, 1100), 3));
test("no panel at all still makes a column", () => assert.equal(columnsFor(0, 1000), 1));

test("every label but the outermost is more than a veil", () => {
  assert.deepEqual(["NCR", "ET", "ED", "RC", "anything"].map(isVeil), [false, false, true, false, false]);
  assert.deepEqual(solidity("NCR"), [1, 1]);
});

test("a reading counts what is covered and into which colour it falls", () => {
  const { covered, histogram } = readingOf(Uint8Array.of(255, 0, 0, 255, 9, 9, 9, 0, 0, 64, 128, 1), 3, 1);
  assert.equal(covered, 2);
  assert.deepEqual([histogram[16 * 3], histogram[4 * 1 + 2], histogram.reduce((a, b) => a + b)], [1, 1, 2]);
});

test("one changed byte changes the fingerprint", () => {
  const pixels = new Uint8Array(400).fill(7);
  const before = readingOf(pixels, 10, 10).fingerprint;
  pixels[123] = 8;
  assert.notEqual(readingOf(pixels, 10, 10).fingerprint, before);
});
