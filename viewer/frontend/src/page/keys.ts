import type * as React from "react";
import type { GestureTarget } from "../engine/gestures";

const STEP_PIXELS = 24;
const ZOOM_STEP = 1.2;

const TURNS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP_PIXELS, 0],
  ArrowRight: [STEP_PIXELS, 0],
  ArrowUp: [0, -STEP_PIXELS],
  ArrowDown: [0, STEP_PIXELS],
};

/** Let the keys of a focused view do what a hand does: arrows turn, with Shift move; plus and minus zoom. */
export function keyTurns(event: React.KeyboardEvent, target: GestureTarget): void {
  const view = event.target as HTMLElement;
  const key = view.dataset?.["view"];
  if (key === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const turn = TURNS[event.key];
  if (turn !== undefined) (event.shiftKey ? target.move : target.turn).call(target, key, ...turn);
  else if (event.key === "+" || event.key === "=") target.zoom(key, ZOOM_STEP, view.clientWidth / 2, view.clientHeight / 2);
  else if (event.key === "-") target.zoom(key, 1 / ZOOM_STEP, view.clientWidth / 2, view.clientHeight / 2);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
