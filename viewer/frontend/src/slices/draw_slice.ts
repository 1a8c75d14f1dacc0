import type { Picture } from "./extract";
import { outlines } from "./outlines";
import type { Placement } from "./placement";

/** A label as a slice draws it. */
export interface Paint {
  readonly value: number;
  readonly rgb: readonly [number, number, number];
}

export interface SliceDrawing {
  readonly image: Picture | null;
  readonly labels: Picture | null;
  readonly paints: readonly Paint[];
  /** Pixels of the selected component, as value 1. */
  readonly selected: Picture | null;
  /** Grey values shown black and white. */
  readonly window: readonly [number, number];
  readonly placement: Placement;
  /** Crosshair on the canvas; null draws none. */
  readonly cross: readonly [number, number] | null;
  readonly crossColour: string;
}

const FILL_OPACITY = 0.3;
/** The crosshair leaves the place it points at free, pixels. */
const CROSS_GAP = 7;

/** Draw a slice on a canvas whose context is scaled to CSS pixels. */
export function drawSlice(context: CanvasRenderingContext2D, width: number, height: number, drawing: SliceDrawing): void {
  const { image, labels, paints, selected, window, placement, cross, crossColour } = drawing;
  context.clearRect(0, 0, width, height);
  if (image !== null) lay(context, grey(image, window), placement, true);
  if (labels !== null) {
    lay(context, fills(labels, paints, FILL_OPACITY), placement, false);
    for (const paint of paints) stroke(context, labels, paint, placement, 1.3);
  }
  if (selected !== null) {
    stroke(context, selected, { value: 1, rgb: [0, 0, 0] }, placement, 4.5);
    stroke(context, selected, { value: 1, rgb: [1, 1, 1] }, placement, 2);
  }
  if (cross !== null) drawCross(context, width, height, cross, crossColour);
}

function lay(context: CanvasRenderingContext2D, data: ImageData, { x, y, sx, sy }: Placement, isSmooth: boolean): void {
  const sheet = new OffscreenCanvas(data.width, data.height);
  sheet.getContext("2d")!.putImageData(data, 0, 0);
  context.imageSmoothingEnabled = isSmooth;
  context.imageSmoothingQuality = "high";
  context.drawImage(sheet, x, y, data.width * sx, data.height * sy);
}

function grey({ width, height, values }: Picture, [low, high]: readonly [number, number]): ImageData {
  const data = new ImageData(width, height);
  const shades = Uint8ClampedArray.from({ length: 256 }, (_, value) => ((value - low) / Math.max(1, high - low)) * 255);
  for (let i = 0; i < values.length; i++) {
    data.data.fill(shades[values[i]], 4 * i, 4 * i + 3);
    data.data[4 * i + 3] = 255;
  }
  return data;
}

/** The labels of a slice as an image, nothing transparent. */
export function fills({ width, height, values }: Picture, paints: readonly Paint[], opacity: number): ImageData {
  const data = new ImageData(width, height);
  const byValue = new Map(paints.map((paint) => [paint.value, paint.rgb]));
  for (let i = 0; i < values.length; i++) {
    const rgb = byValue.get(values[i]);
    if (rgb !== undefined) data.data.set([...rgb.map((channel) => channel * 255), opacity * 255], 4 * i);
  }
  return data;
}

function stroke(context: CanvasRenderingContext2D, labels: Picture, { value, rgb }: Paint, { x, y, sx, sy }: Placement, lineWidth: number): void {
  context.beginPath();
  for (const [x0, y0, x1, y1] of outlines(labels, value)) {
    context.moveTo(x + x0 * sx, y + y0 * sy);
    context.lineTo(x + x1 * sx, y + y1 * sy);
  }
  context.strokeStyle = `rgb(${rgb.map((channel) => Math.round(channel * 255)).join(" ")})`;
  context.lineWidth = lineWidth;
  context.lineCap = "square";
  context.stroke();
}

function drawCross(context: CanvasRenderingContext2D, width: number, height: number, [x, y]: readonly [number, number], colour: string): void {
  context.beginPath();
  for (const [fromX, fromY, toX, toY] of [[0, y, x - CROSS_GAP, y], [x + CROSS_GAP, y, width, y], [x, 0, x, y - CROSS_GAP], [x, y + CROSS_GAP, x, height]]) {
    context.moveTo(fromX, fromY);
    context.lineTo(toX, toY);
  }
  context.strokeStyle = colour;
  context.globalAlpha = 0.75;
  context.lineWidth = 1;
  context.stroke();
  context.globalAlpha = 1;
}
