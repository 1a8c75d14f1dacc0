import assert from "node:assert/strict";
import { test } from "node:test";
import { imageSheet, overlaySheet, overlayValue, paintedSheet } from "../src/slices/sheets";

const VOLUME = new Uint8Array(8);
const rgba = (shades: Uint8ClampedArray, value: number) => [...shades.slice(4 * value, 4 * value + 4)];

test("a window shows its low end black and its high end white, and nothing beyond brighter", () => {
  const { shades } = imageSheet(VOLUME, [50, 150]);
  assert.deepEqual(rgba(shades, 50), [0, 0, 0, 255]);
  assert.deepEqual(rgba(shades, 100), [128, 128, 128, 255]);
  assert.deepEqual(rgba(shades, 150), [255, 255, 255, 255]);
  assert.deepEqual(rgba(shades, 255), [255, 255, 255, 255]);
  assert.deepEqual(rgba(shades, 0), [0, 0, 0, 255]);
});

test("a window of no width tells below from above", () => {
  const { shades } = imageSheet(VOLUME, [100, 100]);
  assert.equal(rgba(shades, 100)[0], 0);
  assert.equal(rgba(shades, 101)[0], 255);
});

test("labels that are not shown stay transparent", () => {
  const { shades, outlines } = paintedSheet("labels", VOLUME, [{ value: 2, rgb: [1, 0.5, 0] }], 0.4);
  assert.deepEqual(rgba(shades, 2), [255, 128, 0, 102]); // 0.4 x 255
  assert.deepEqual(rgba(shades, 1), [0, 0, 0, 0]);
  assert.deepEqual(outlines.map(({ value }) => value), [2]);
});

test("an overlay says nothing where it is 0 and runs through its colours from 1 to 255", () => {
  const overlay = { title: "p(ET)", urls: {}, colours: ["#000000", "#ff0000", "#ffffff"], low: 0, high: 1, opacity: 1 };
  const { shades } = overlaySheet(VOLUME, overlay);
  assert.deepEqual(rgba(shades, 0), [0, 0, 0, 0]);
  assert.deepEqual(rgba(shades, 1), [0, 0, 0, 255]);
  assert.deepEqual(rgba(shades, 128), [255, 0, 0, 255]);
  assert.deepEqual(rgba(shades, 255), [255, 255, 255, 255]);
  assert.equal(overlayValue(overlay, 0), null);
  assert.equal(overlayValue(overlay, null), null);
  assert.equal(overlayValue({ ...overlay, low: -2, high: 2 }, 128), 0);
});

test("an overlay is as opaque as its scale says at each value, and no more than its opacity", () => {
  const overlay = { title: "p(ET)", urls: {}, colours: ["#000000", "#ffffff"], low: 0, high: 1, opacity: 0.5, opacities: [0, 1, 1] };
  const { shades } = overlaySheet(VOLUME, overlay);
  assert.equal(rgba(shades, 1)[3], 0);
  assert.equal(rgba(shades, 65)[3], 64); // a quarter of the scale is half of the way to 1: half of 0.5 x 255
  assert.equal(rgba(shades, 128)[3], 128);
  assert.equal(rgba(shades, 255)[3], 128);
});
