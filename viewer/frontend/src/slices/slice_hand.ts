/** What a hand does on a slice; pixels from the canvas's top left. */
export interface SliceHand {
  /** One finger or the first button is down. */
  point(x: number, y: number, isStart: boolean): void;
  /** The second button is dragged: window width and level. */
  grade(dx: number, dy: number): void;
  /** Two fingers, the middle button, or the wheel with Ctrl. */
  lens(x: number, y: number, dx: number, dy: number, factor: number): void;
  /** The wheel: slices further up. */
  step(by: number): void;
}

/** Listen to a slice's canvas. Returns the function that stops listening. */
export function listenToHand(element: HTMLElement, hand: () => SliceHand): () => void {
  const fingers = new Map<number, readonly [number, number]>();
  const at = (event: MouseEvent) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top] as const;
  };

  const down = (event: PointerEvent) => {
    fingers.set(event.pointerId, at(event));
    element.setPointerCapture(event.pointerId);
    if (event.button === 0 && fingers.size === 1) hand().point(...at(event), true);
  };

  const moved = (event: PointerEvent) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    const [x, y] = at(event);
    const [dx, dy] = [x - before[0], y - before[1]];
    fingers.set(event.pointerId, [x, y]);
    if (fingers.size > 1) pinched(event.pointerId, before, [x, y]);
    else if (event.buttons & 2) hand().grade(dx, dy);
    else if (event.buttons & 4) hand().lens(x, y, dx, dy, 1);
    else hand().point(x, y, false);
  };

  const pinched = (id: number, before: readonly [number, number], [x, y]: readonly [number, number]) => {
    const [ox, oy] = [...fingers].find(([other]) => other !== id)![1];
    const factor = Math.hypot(x - ox, y - oy) / Math.max(1, Math.hypot(before[0] - ox, before[1] - oy));
    hand().lens((x + ox) / 2, (y + oy) / 2, (x - before[0]) / 2, (y - before[1]) / 2, factor);
  };

  const up = (event: PointerEvent) => fingers.delete(event.pointerId);

  const wheeled = (event: WheelEvent) => {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) hand().lens(...at(event), 0, 0, event.deltaY < 0 ? 1.2 : 1 / 1.2);
    else hand().step(event.deltaY < 0 ? 1 : -1);
  };

  const stop = new AbortController();
  const { signal } = stop;
  element.addEventListener("pointerdown", down, { signal });
  element.addEventListener("pointermove", moved, { signal });
  element.addEventListener("pointerup", up, { signal });
  element.addEventListener("pointercancel", up, { signal });
  element.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  element.addEventListener("wheel", wheeled, { signal, passive: false }); // React's own wheel listeners cannot hold the page still
  return () => stop.abort();
}
