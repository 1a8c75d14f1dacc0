import type { Picture } from "./extract";

/**
 * The outline of all pixels of one value, exactly along their edges: [x0, y0, x1, y1] a line, as long as they go.
 * The edge of the picture counts as outside.
 */
export function outlines({ width, height, values }: Picture, value: number): [number, number, number, number][] {
  const inside = (x: number, y: number) => x >= 0 && y >= 0 && x < width && y < height && values[y * width + x] === value;
  const lines: [number, number, number, number][] = [];
  for (let y = 0; y <= height; y++) {
    runs(width, (x) => inside(x, y - 1) !== inside(x, y), (from, to) => lines.push([from, y, to, y]));
  }
  for (let x = 0; x <= width; x++) {
    runs(height, (y) => inside(x - 1, y) !== inside(x, y), (from, to) => lines.push([x, from, x, to]));
  }
  return lines;
}

function runs(length: number, isOn: (place: number) => boolean, found: (from: number, to: number) => void): void {
  let start = -1;
  for (let place = 0; place <= length; place++) {
    const on = place < length && isOn(place);
    if (on && start < 0) start = place;
    if (!on && start >= 0) {
      found(start, place);
      start = -1;
    }
  }
}
