import assert from "node:assert/strict";
import { test } from "node:test";
import { shifted, shownKeys, swapped, toggled, writtenOrder } from "../src/page/order";

const ALL = ["reference", "baseline", "distmap", "consensus"];

test("an order of unknown panels shows those it knows, and all where it knows none", () => {
  assert.deepEqual(shownKeys(ALL, ["distmap", "gone", "reference"]), ["distmap", "reference"]);
  assert.deepEqual(shownKeys(ALL, ["gone"]), ALL);
  assert.deepEqual(shownKeys(ALL, null), ALL);
});

test("a panel moves by a place, and stays at an end", () => {
  assert.deepEqual(shifted(ALL, "baseline", 1), ["reference", "distmap", "baseline", "consensus"]);
  assert.deepEqual(shifted(ALL, "reference", -1), ALL);
  assert.deepEqual(shifted(ALL, "consensus", 1), ALL);
  assert.deepEqual(shifted(ALL, "gone", 1), ALL);
});

test("two panels swap their places and the others stay", () => {
  assert.deepEqual(swapped(ALL, "baseline", "consensus"), ["reference", "consensus", "distmap", "baseline"]);
  assert.deepEqual(swapped(ALL, "baseline", "gone"), ALL);
});

test("a panel comes back to its place among the others, and the last one never goes", () => {
  assert.deepEqual(toggled(ALL, ALL, "baseline"), ["reference", "distmap", "consensus"]);
  assert.deepEqual(toggled(ALL, ["reference", "distmap", "consensus"], "baseline"), ALL);
  assert.deepEqual(toggled(ALL, ["distmap"], "distmap"), ["distmap"]);
});

test("the study's own order is not written", () => {
  assert.equal(writtenOrder(ALL, ALL), null);
  assert.equal(writtenOrder(ALL, ["distmap", "reference"]), "distmap,reference");
});
