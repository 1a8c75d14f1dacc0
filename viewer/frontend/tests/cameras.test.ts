import assert from "node:assert/strict";
import { test } from "node:test";
import { Box3, Vector3 } from "three";
import { Cameras } from "../src/engine/cameras";
import type { View } from "../src/engine/view";
import type { Vec3 } from "../src/maths/vec3";

const box = (x: number) => new Box3(new Vector3(x - 50, -50, -50), new Vector3(x + 50, 50, 50));

/** Two views on a subject about x = 5, and how often the page was told of a hand. */
function housed() {
  const views = new Map(["one", "other"].map((key) => [key, { orbit: undefined, distanceMm: 300 } as unknown as View]));
  const told: number[] = [];
  const cameras = new Cameras({ root: {} as HTMLElement, views, sizeOf: () => [300, 300], request: () => undefined, moved: () => told.push(told.length) });
  cameras.lookAt(box(5));
  const azimuth = (key: string) => views.get(key)!.orbit.azimuth;
  const target = (key: string): Vec3 => views.get(key)!.orbit.target;
  return { cameras, views, told, azimuth, target };
}

test("linked, a hand turns every view, and the page is told once", () => {
  const { cameras, told, azimuth } = housed();
  cameras.turn("one", 100, 0);
  assert.equal(azimuth("one"), -52 + 42);
  assert.equal(azimuth("other"), azimuth("one"));
  assert.equal(told.length, 1);
  assert.deepEqual(cameras.stand, { azimuth: -10, elevation: 22, zoom: 1 });
});

test("apart, a hand turns its own view; what is told brings both back elsewhere", () => {
  const { cameras, azimuth } = housed();
  cameras.link(false);
  cameras.turn("one", 100, 0);
  cameras.turn("other", -100, 0);
  assert.deepEqual([azimuth("one"), azimuth("other")], [-10, -94]);
  assert.deepEqual(cameras.stand, { azimuth: -94, elevation: 22, zoom: 1, own: { one: { azimuth: -10, elevation: 22, zoom: 1 } } });

  const again = housed();
  again.cameras.link(false);
  again.cameras.fly(cameras.stand, true);
  assert.deepEqual([again.azimuth("one"), again.azimuth("other")], [-10, -94]);
});

test("cameras that stand apart look at the middle of the next case from where they stood", () => {
  const { cameras, azimuth, target } = housed();
  cameras.link(false);
  cameras.turn("one", 100, 0);
  cameras.move("other", 30, 0);
  assert.notDeepEqual(target("other"), [5, 0, 0]);
  assert.deepEqual(target("one"), [5, 0, 0]);
  cameras.centre();
  cameras.lookAt(box(20));
  assert.deepEqual([target("one"), target("other")], [[20, 0, 0], [20, 0, 0]]);
  assert.deepEqual([azimuth("one"), azimuth("other")], [-10, -52]);
});

test("linking joins all views to the one that a hand moved last", () => {
  const { cameras, azimuth } = housed();
  cameras.link(false);
  cameras.turn("one", 100, 0);
  cameras.turn("other", -100, 0);
  cameras.link(true);
  assert.deepEqual([azimuth("one"), azimuth("other")], [-94, -94]);
  assert.deepEqual(cameras.stand, { azimuth: -94, elevation: 22, zoom: 1 });
});

test("a view that comes later stands where its link says", () => {
  const { cameras } = housed();
  cameras.fly({ azimuth: 10, elevation: 0, zoom: 1, own: { late: { azimuth: 90, elevation: 5, zoom: 2 } } }, true);
  assert.deepEqual(cameras.orbitOf("late"), { azimuth: 90, elevation: 5, zoom: 2, target: [5, 0, 0] });
  assert.equal(cameras.orbitOf("one").azimuth, 10);
});

test("a view that stands apart is aimed alone, at once where people asked for less motion", () => {
  Object.assign(globalThis, { window: { matchMedia: () => ({ matches: true }) } });
  const { cameras, told, target } = housed();
  cameras.link(false);
  cameras.aim("one", [7, 8, 9]);
  assert.deepEqual([target("one"), target("other")], [[7, 8, 9], [5, 0, 0]]);
  assert.equal(told.length, 1);
  cameras.link(true);
  cameras.aim("other", [1, 2, 3]);
  assert.deepEqual([target("one"), target("other")], [[1, 2, 3], [1, 2, 3]]);
});
