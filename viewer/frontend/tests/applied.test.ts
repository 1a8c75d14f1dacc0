import assert from "node:assert/strict";
import { test } from "node:test";
import { applied } from "../src/page/applied";
import type { CaseStageProps } from "../src/props";

const PROPS = { slices: { case: "P", shape: [1, 1, 1], affine: [], labelUrls: {} } } as unknown as CaseStageProps;

test("what a control writes into an address changes the properties that the address would", () => {
  const now = applied(PROPS, { panels: "a,b", unlinked: 1, cut: 1, opacity: "ED:40,ET:100", window: "20:200", fill: 50, ruler: "0,0,0,1,2,2", convention: "neurological" });
  assert.deepEqual(now.order, ["a", "b"]);
  assert.deepEqual([now.linked, now.isCut], [false, true]);
  assert.deepEqual(now.opacity, { ED: 0.4, ET: 1 });
  assert.deepEqual(now.slices!.window, [20, 200]);
  assert.equal(now.slices!.fill, 0.5);
  assert.deepEqual(now.slices!.ruler, [0, 0, 0, 1, 2, 2]);
  assert.equal(now.slices!.convention, "neurological");
});

test("nothing written is the default again", () => {
  const now = applied(applied(PROPS, { panels: "a", unlinked: 1, cut: 1, opacity: "ED:40", window: "1:2", convention: "neurological" }), { panels: null, unlinked: null, cut: null, opacity: null, window: null, convention: null });
  assert.deepEqual([now.order, now.linked, now.isCut], [null, true, false]);
  assert.deepEqual(now.opacity, {});
  assert.deepEqual([now.slices!.window, now.slices!.convention], [null, "radiological"]);
});
