import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Frames, STILL_FINENESS } from "../src/engine/frames";

let asked: (() => void)[] = [];
const drawn: number[] = [];
const frame = () => asked.splice(0).forEach((draw) => draw());

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  asked = [];
  drawn.length = 0;
  Object.assign(globalThis, { window: globalThis, requestAnimationFrame: (draw: () => void) => asked.push(draw), cancelAnimationFrame: () => (asked = []) });
});
afterEach(() => mock.timers.reset());

test("however often a frame is asked for, it is drawn once", () => {
  const frames = new Frames((fineness) => drawn.push(fineness), false);
  for (let i = 0; i < 5; i++) frames.request();
  frame();
  mock.timers.tick(10_000);
  assert.deepEqual(drawn, [1]);
});

test("without smoothed edges a picture that stands still is drawn once more, finer", () => {
  const frames = new Frames((fineness) => drawn.push(fineness), true);
  frames.request();
  frame();
  assert.deepEqual(drawn, [1]);
  mock.timers.tick(10_000);
  assert.deepEqual(drawn, [1, STILL_FINENESS]);
});

test("while pictures follow each other none is drawn finer", () => {
  const frames = new Frames((fineness) => drawn.push(fineness), true);
  for (let i = 0; i < 4; i++) {
    frames.request();
    frame();
    mock.timers.tick(100);
  }
  assert.deepEqual(drawn, [1, 1, 1, 1]);
});

test("a drawing that asks for another leaves no finer one behind", () => {
  const frames: Frames = new Frames((fineness) => { if (drawn.push(fineness) === 1) frames.request(); }, true);
  frames.request();
  frame();
  frame();
  mock.timers.tick(10_000);
  assert.deepEqual(drawn, [1, 1, STILL_FINENESS]);
});

test("after the end nothing is drawn", () => {
  const frames = new Frames((fineness) => drawn.push(fineness), true);
  frames.request();
  frame();
  frames.request();
  frames.stop();
  frame();
  mock.timers.tick(10_000);
  assert.deepEqual(drawn, [1]);
});
