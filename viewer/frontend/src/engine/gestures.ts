/** What a hand does to a view; pixels are CSS pixels, y down. */
export interface GestureTarget {
  turn(view: string, dx: number, dy: number): void;
  move(view: string, dx: number, dy: number): void;
  /** Zoom by a factor about a point of the view. */
  zoom(view: string, factor: number, x: number, y: number): void;
  click(view: string, x: number, y: number, isDouble: boolean): void;
}

const CLICK_SLOP = 4;
/** The second click of a double click is no click of its own. */
const DOUBLE_MS = 350;
const viewOf = (event: Event) => (event.target as Element).closest<HTMLElement>("[data-view]");
const isControl = (event: Event) => (event.target as Element).closest("button, a, input, [data-end]") !== null; // [data-end]: of the compass

/**
 * Listens for drags, pinches, wheels and clicks that begin on a `[data-view]` below `root`; headers, links and slices
 * keep their own. One finger or button turns; two fingers, the other buttons or Shift move; wheel and pinch zoom.
 *
 * Returns the function that stops listening.
 */
export function listenForGestures(root: HTMLElement, target: GestureTarget): () => void {
  const fingers = new Map<number, { x: number; y: number }>();
  let view: HTMLElement | null = null;
  let travelled = 0;
  let lastClick = -Infinity;
  const keyOf = (element: HTMLElement) => element.dataset["view"]!;
  const within = (element: HTMLElement, event: MouseEvent) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top] as const;
  };

  const down = (event: PointerEvent) => {
    const element = viewOf(event);
    if (element === null || isControl(event) || (fingers.size > 0 && element !== view)) return;
    view = element;
    travelled = fingers.size === 0 ? 0 : Infinity;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    element.setPointerCapture(event.pointerId);
    element.classList.add("is-held");
  };

  const moved = (event: PointerEvent) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined || view === null) return;
    const [dx, dy] = [event.clientX - before.x, event.clientY - before.y];
    travelled += Math.abs(dx) + Math.abs(dy);
    if (fingers.size > 1) pinched(event, before, dx, dy);
    else if (travelled > CLICK_SLOP) (event.shiftKey || event.buttons > 1 ? target.move : target.turn).call(target, keyOf(view), dx, dy);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  };

  // What lay midway between the fingers stays there: the view moves with that point first and grows about it then.
  const pinched = (event: PointerEvent, before: { x: number; y: number }, dx: number, dy: number) => {
    const other = [...fingers].find(([id]) => id !== event.pointerId)![1];
    const factor = Math.hypot(event.clientX - other.x, event.clientY - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
    const [x, y] = within(view!, event);
    target.move(keyOf(view!), dx / 2, dy / 2);
    target.zoom(keyOf(view!), factor, x + (other.x - event.clientX) / 2, y + (other.y - event.clientY) / 2);
  };

  const up = (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId) || view === null) return;
    const isSecond = event.timeStamp - lastClick < DOUBLE_MS;
    if (event.type === "pointerup" && event.button === 0 && travelled <= CLICK_SLOP) lastClick = event.timeStamp;
    if (lastClick === event.timeStamp && !isSecond) target.click(keyOf(view), ...within(view, event), false);
    if (fingers.size > 0) return;
    view.classList.remove("is-held");
    view = null;
  };

  const doubled = (event: MouseEvent) => {
    const element = viewOf(event);
    if (element !== null && !isControl(event)) target.click(keyOf(element), ...within(element, event), true);
  };

  const wheeled = (event: WheelEvent) => {
    const element = viewOf(event);
    if (element === null) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    target.zoom(keyOf(element), Math.exp(-event.deltaY * lines * 0.0016), ...within(element, event));
  };

  const menu = (event: Event) => viewOf(event) !== null && event.preventDefault();
  const stop = new AbortController();
  const { signal } = stop;
  root.addEventListener("pointerdown", down, { signal });
  root.addEventListener("pointermove", moved, { signal });
  root.addEventListener("pointerup", up, { signal });
  root.addEventListener("pointercancel", up, { signal });
  root.addEventListener("dblclick", doubled, { signal });
  root.addEventListener("wheel", wheeled, { signal, passive: false });
  root.addEventListener("contextmenu", menu, { signal });
  return () => stop.abort();
}
