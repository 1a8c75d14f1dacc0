import assert from "node:assert/strict";
import { test } from "node:test";
import { basisOf, between, isSameOrbit, moved, turned, zoomed, type Orbit } from "../src/maths/orbit";
import { preset } from "../src/maths/presets";
import { dot, type Vec3 } from "../src/maths/vec3";
import { assertClose } from "./close";

const front: Orbit = { azimuth: 0, elevation: 0, zoom: 1, target: [10, 20, 30] };
const at = (name: string, convention?: "radiological" | "neurological") => basisOf({ ...front, ...preset(name, convention)! });

test("from the front the patient's left is on the right and the head on top", () => {
  assertClose(basisOf(front).right, [-1, 0, 0]);
  assertClose(basisOf(front).up, [0, 0, 1]);
});

test("every basis is orthonormal and right-handed, at the poles too", () => {
  for (let azimuth = -180; azimuth <= 180; azimuth += 30) {
    for (const elevation of [-90, -45, 0, 30, 90]) {
      const { right, up, toEye } = basisOf({ ...front, azimuth, elevation });
      const cross: Vec3 = [right[1] * up[2] - right[2] * up[1], right[2] * up[0] - right[0] * up[2], right[0] * up[1] - right[1] * up[0]];
      assertClose(cross, toEye);
      assertClose([dot(right, up), dot(right, right), dot(up, up)], [0, 1, 1]);
    }
  }
});

test("no orbit ever rolls: the screen's right stays level", () => {
  for (const azimuth of [-170, -20, 75]) assert.equal(basisOf({ ...front, azimuth, elevation: 63 }).right[2], 0);
});

test("a radiological axial view has the patient's right on the left and the front on top, like the slices", () => {
  assertClose(at("axial", "radiological").right, [-1, 0, 0]);
  assertClose(at("axial", "radiological").up, [0, 1, 0]);
});

test("a neurological axial view has the patient's right on the right and the front on top", () => {
  assertClose(at("axial", "neurological").right, [1, 0, 0]);
  assertClose(at("axial", "neurological").up, [0, 1, 0]);
});

test("from the left the front is on the left", () => assertClose(at("sagittal-left").right, [0, -1, 0]));
test("from the right the front is on the right", () => assertClose(at("sagittal-right").right, [0, 1, 0]));
test("a name that is no view has no stand", () => assert.equal(preset("sideways"), null));

test("dragging the front view to the right brings the camera to the patient's right", () => {
  assertClose(basisOf(turned(front, 90, 0)).toEye, [1, 0, 0]);
});

test("dragging up shows the subject from below, and stops at the pole", () => {
  assert.equal(turned(front, 0, 400).elevation, -90);
});

test("turning a full circle comes back", () => {
  let orbit = front;
  for (let i = 0; i < 36; i++) orbit = turned(orbit, 10, 0);
  assert.ok(isSameOrbit(orbit, front));
});

test("moving the subject right by 5 mm moves the target 5 mm to the screen's left", () => {
  assertClose(moved(front, 5, 0).target, [15, 20, 30]);
});

test("zooming keeps the anchored point where it is on the screen", () => {
  const anchor = [12, -7] as const;
  const after = zoomed(front, 3, anchor);
  const { right, up } = basisOf(front);
  const point = [0, 1, 2].map((axis) => front.target[axis] + right[axis] * anchor[0] + up[axis] * anchor[1]) as unknown as Vec3;
  const offset = [0, 1, 2].map((axis) => point[axis] - after.target[axis]) as unknown as Vec3;
  assertClose([dot(offset, right) * after.zoom, dot(offset, up) * after.zoom], [anchor[0] * front.zoom, anchor[1] * front.zoom]);
});

test("zooming in and out by the same factor is nothing", () => {
  assert.ok(isSameOrbit(zoomed(zoomed(front, 2.5), 1 / 2.5), front));
});

test("the way from 170 to -170 degrees goes through 180, not through 0", () => {
  const middle = between({ ...front, azimuth: 170 }, { ...front, azimuth: -170 }, 0.5);
  assert.ok(Math.abs(Math.abs(middle.azimuth) - 180) < 1e-9);
});

test("a way begins and ends where it should", () => {
  const end: Orbit = { azimuth: 100, elevation: -30, zoom: 4, target: [1, 2, 3] };
  assert.ok(isSameOrbit(between(front, end, 0), front) && isSameOrbit(between(front, end, 1), end));
});
