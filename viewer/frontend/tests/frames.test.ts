import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Frames } from "../src/engine/frames";

let asked: (() => void)[] = [];
/** Which of the pictures were rough. */
const drawn: boolean[] = [];
const frame = () => asked.splice(0).forEach((draw) => draw());

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  asked = [];
  drawn.length = 0;
  Object.assign(globalThis, { window: globalThis, requestAnimationFrame: (draw: () => void) => asked.push(draw), cancelAnimationFrame: () => (asked = []) });
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("however often a frame is asked for, it is drawn once", () => {
  const frames = new Frames((isRough) => drawn.push(isRough), false);
  for (let i = 0; i < 5; i++) frames.request();
  frame();
  mock.timers.tick(10_000);
  assert.deepEqual(drawn, [false]);
});

test("where drawing is slow, a picture that stands still is drawn once more, finely", () => {
  const frames = new Frames((isRough) => drawn.push(isRough), true);
  frames.request();
  frame();
  assert.deepEqual(drawn, [true]);
  mock.timers.tick(10_000);
  assert.deepEqual(drawn, [true, false]);
});

test("while pictures follow each other none is drawn finer", () => {
  const frames = new Frames((isRough) => drawn.push(isRough), true);
  for (let i = 0; i < 4; i++) {
    frames.request();
    frame();
    mock.timers.tick(100);
  }
  assert.deepEqual(drawn, [true, true, true, true]);
});

test("a drawing that asks for another leaves no finer one behind", () => {
  const frames: Frames = new Frames((isRough) => { if (drawn.push(isRough) === 1) frames.request(); }, true);
  frames.request();
  frame();
  frame();
  mock.timers.tick(10_000);
  assert.deepEqual(drawn, [true, true, false]);
});

test("a finer picture waits for what a hand has just asked for", () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  const wait = (ms: number) => {
    now += ms;
    mock.timers.tick(ms);
  };
  const frames = new Frames((isRough) => drawn.push(isRough), true);
  frames.postpone();
  wait(10_000);
  assert.deepEqual(drawn, [], "nothing was to come");
  frames.request();
  frame();
  wait(300);
  frames.postpone();
  wait(100);
  frames.request(); // the page's own doing, such as an answer that makes it longer
  frame();
  wait(800);
  assert.deepEqual(drawn, [true, true]);
  wait(100);
  assert.deepEqual(drawn, [true, true, false], "it comes though nothing else did");
});

test("after the end nothing is drawn", () => {
  const frames = new Frames((isRough) => drawn.push(isRough), true);
  frames.request();
  frame();
  frames.request();
  frames.stop();
  frame();
  mock.timers.tick(10_000);
  assert.deepEqual(drawn, [true]);
});
