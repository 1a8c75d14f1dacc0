import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, type Hit } from "../src/engine/pick";

const hit = (label: string, component: number): Hit => ({ label, component, mm: [0, 0, 0] });
const ray = [hit("ED", 1), hit("ET", 2), hit("NCR", 3)];

test("a click looks through the veil of oedema at the nearest solid thing", () => assert.equal(choose(ray, null), ray[1]));
test("a second click on the chosen thing takes what lies behind", () => assert.equal(choose(ray, ray[1]), ray[2]));
test("oedema is chosen last, and then the nearest again", () => {
  assert.equal(choose(ray, ray[2]), ray[0]);
  assert.equal(choose(ray, ray[0]), ray[1]);
});
test("oedema alone is chosen at once", () => assert.equal(choose([ray[0]], null), ray[0]));
test("a click beside everything chooses nothing", () => assert.equal(choose([], hit("ET", 2)), null));
