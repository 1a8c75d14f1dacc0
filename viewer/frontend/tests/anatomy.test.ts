import assert from "node:assert/strict";
import { test } from "node:test";
import { compassEnds, edgeLetters, lettersTowards } from "../src/maths/anatomy";
import { basisOf } from "../src/maths/orbit";

const orbit = { zoom: 1, target: [0, 0, 0] as const };

test("from the front the edges read R, L, S, I", () => {
  const edges = edgeLetters(basisOf({ ...orbit, azimuth: 0, elevation: 0 }));
  assert.deepEqual(edges, { left: "R", right: "L", top: "S", bottom: "I" });
});

test("from the feet the top edge is the front", () => {
  assert.equal(edgeLetters(basisOf({ ...orbit, azimuth: 0, elevation: -90 })).top, "A");
});

test("between two directions both are named, the stronger first", () => assert.equal(lettersTowards([0.5, 0.8, 0.1]), "AR"));

test("opposite edges never share a letter", () => {
  for (let azimuth = -180; azimuth < 180; azimuth += 7) {
    const { left, right, top, bottom } = edgeLetters(basisOf({ ...orbit, azimuth, elevation: 35 }));
    assert.ok(![...left].some((letter) => right.includes(letter)) && ![...top].some((letter) => bottom.includes(letter)));
  }
});

test("the compass end that points at the viewer comes last and stands in the middle", () => {
  const last = compassEnds(basisOf({ ...orbit, azimuth: 90, elevation: 0 })).at(-1)!;
  assert.equal(last.letter, "R");
  assert.ok(Math.hypot(last.x, last.y) < 1e-9 && Math.abs(last.depth - 1) < 1e-9);
});
