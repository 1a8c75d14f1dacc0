import assert from "node:assert/strict";
import { test } from "node:test";
import { Kept } from "../src/engine/kept";

test("what was used last stays, what was not used for the longest time goes", () => {
  const kept = new Kept<string>(10);
  for (const key of ["a", "b"]) kept.keep(key, key.toUpperCase(), 5);
  assert.equal(kept.get("a"), "A");
  kept.keep("c", "C", 5);
  assert.equal(kept.get("b"), null);
  assert.equal(kept.get("a"), "A");
  assert.equal(kept.get("c"), "C");
});

test("what is larger than all the room is kept alone until the next", () => {
  const kept = new Kept<string>(10);
  kept.keep("a", "A", 4);
  kept.keep("b", "B", 20);
  assert.equal(kept.get("a"), null);
  assert.equal(kept.get("b"), "B");
  kept.keep("c", "C", 4);
  assert.equal(kept.get("b"), null);
});

test("a value kept again counts once", () => {
  const kept = new Kept<string>(10);
  for (let i = 0; i < 5; i++) kept.keep("a", "A", 6);
  kept.keep("b", "B", 4);
  assert.equal(kept.get("a"), "A");
});
