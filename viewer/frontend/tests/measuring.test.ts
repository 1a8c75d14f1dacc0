import assert from "node:assert/strict";
import { test } from "node:test";
import { mmFromVoxel, type Affine } from "../src/maths/coordinates";
import { intensityOf, rounded, saidIntensity } from "../src/maths/intensity";
import { lengthMm, rulerOf, writtenRuler } from "../src/maths/ruler";
import type { Vec3 } from "../src/maths/vec3";
import { adjusted, WHOLE } from "../src/maths/window_level";
import { rulerInSlice } from "../src/slices/draw_ruler";
import { lensMoved, magnified, WHOLE_SLICE } from "../src/slices/lens";
import { section } from "../src/slices/section";
import { voxelMm3 } from "../src/slices/spacing";
import { assertClose } from "./close";

const ANISOTROPIC: Affine = [[0.5, 0, 0, -10], [0, 0.5, 0, 3], [0, 0, 3, 7], [0, 0, 0, 1]];
const between = (affine: Affine, a: Vec3, b: Vec3) => lengthMm([mmFromVoxel(affine, a), mmFromVoxel(affine, b)]);

test("a ruler measures millimetres, not voxels, where voxels are longer one way than another", () => {
  assertClose([between(ANISOTROPIC, [0, 0, 0], [6, 8, 0])], [Math.hypot(3, 4)], 1e-12); // 6 and 8 voxels of 0.5 mm
  assertClose([between(ANISOTROPIC, [0, 0, 0], [0, 8, 1])], [Math.hypot(4, 3)], 1e-12); // 8 of 0.5 mm, 1 of 3 mm
});

test("a ruler on oblique axes is as long as the world says", () => {
  const turned = Math.PI / 6;
  const [c, s] = [Math.cos(turned), Math.sin(turned)];
  const oblique: Affine = [[2 * c, -s, 0, 0], [2 * s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]; // 2 x 1 x 1 mm, turned by 30 degrees
  assertClose([between(oblique, [0, 0, 0], [3, 8, 0])], [Math.hypot(6, 8)], 1e-12);
  assertClose([voxelMm3(oblique)], [2], 1e-12);
  assertClose([voxelMm3(ANISOTROPIC)], [0.75], 1e-12);
});

test("a ruler survives the address to a tenth of a millimetre", () => {
  const ruler = [[-10.04, 3, 7], [1.26, 0, -2]] as const;
  const text = writtenRuler(ruler);
  assert.equal(text, "-10,3,7,1.3,0,-2");
  assert.deepEqual(rulerOf(text.split(",").map(Number)), [[-10, 3, 7], [1.3, 0, -2]]);
  assert.equal(rulerOf(null), null);
});

test("a slice shows a ruler only where one of its ends lies, and whole only where both do", () => {
  const [cut, shape] = [section("axial", "radiological"), [40, 40, 9] as const];
  const ruler = [mmFromVoxel(ANISOTROPIC, [2, 2, 4]), mmFromVoxel(ANISOTROPIC, [8, 10, 5])] as const;
  const place = { x: 0, y: 0, sx: 2, sy: 2 };
  assert.equal(rulerInSlice(ruler, ANISOTROPIC, cut, shape, 3, place), null);
  const drawn = rulerInSlice(ruler, ANISOTROPIC, cut, shape, 4, place)!;
  assert.equal(drawn.isWhole, false);
  assertClose(drawn.from, [(40 - 1 - 2 + 0.5) * 2, (40 - 1 - 2 + 0.5) * 2], 1e-9); // both axes run against the screen
  assert.equal(drawn.text, `${Math.hypot(3, 4, 3).toFixed(1)} mm`);
});

test("a grey value names its intensity to within half a step, and only a bound at the ends", () => {
  const scale = { low: 100, high: 608, step: 2 };
  assert.equal(intensityOf(scale, 1), 100);
  assert.equal(intensityOf(scale, 255), 608);
  assert.equal(saidIntensity(scale, 0), "0");
  assert.equal(saidIntensity(scale, 1), "\u2264 100");
  assert.equal(saidIntensity(scale, 51), "200 \u00b1 1");
  assert.equal(saidIntensity(scale, 255), "\u2265 608");
  assert.equal(saidIntensity({ low: 0, high: 1.27, step: 0.005 }, 101), "0.500 \u00b1 0.0025");
  assert.equal(rounded(-3.2, 2), "\u22123");
});

test("a window keeps within the greys and never closes", () => {
  assert.deepEqual(adjusted([50, 150], 20, 0), [40, 160]);
  assert.deepEqual(adjusted([50, 150], 0, 30), [80, 180]);
  assert.deepEqual(adjusted([50, 150], 0, 500), [155, 255]);
  assert.deepEqual(adjusted([50, 150], 0, -500), [0, 100]);
  assert.deepEqual(adjusted(WHOLE, 100, 0), [0, 255]);
  const [low, high] = adjusted([50, 150], -500, 0);
  assert.ok(low < high);
});

test("what is under the fingers stays there while a slice is zoomed, and moves with them", () => {
  const [cut, shape, width, height] = [section("axial", "radiological"), [40, 40, 9] as const, 200, 160];
  const whole = { x: 10, y: 5, sx: 3, sy: 3 };
  const placed = (lens: typeof WHOLE_SLICE) => magnified(whole, lens, cut, shape, width, height);
  const underAt = (place: typeof whole, x: number, y: number) => [(x - place.x) / place.sx, (y - place.y) / place.sy];
  const zoomed = lensMoved(WHOLE_SLICE, whole, cut, shape, { width, height, x: 70, y: 50, dx: 0, dy: 0, factor: 2, index: 4 });
  assertClose(underAt(placed(zoomed), 70, 50), underAt(whole, 70, 50), 1e-9);
  const moved = lensMoved(zoomed, placed(zoomed), cut, shape, { width, height, x: 70, y: 50, dx: 12, dy: -7, factor: 1, index: 4 });
  assertClose(underAt(placed(moved), 82, 43), underAt(whole, 70, 50), 1e-9);
  assert.equal(lensMoved(zoomed, placed(zoomed), cut, shape, { width, height, x: 1, y: 1, dx: 0, dy: 0, factor: 0.1, index: 4 }), WHOLE_SLICE);
});
