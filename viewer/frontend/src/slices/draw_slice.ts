import { drawRuler, type DrawnRuler } from "./draw_ruler";
import type { Picture } from "./extract";
import { outlines } from "./outlines";
import type { Placement } from "./placement";
import type { Paint, Sheet } from "./sheets";

/** A sheet and its part in the slice. */
export interface LaidSheet {
  readonly sheet: Sheet;
  readonly picture: Picture;
}

export interface SliceDrawing {
  /** From the lowest to the topmost. */
  readonly sheets: readonly LaidSheet[];
  /** Pixels of the selected component, as value 1. */
  readonly selected: Picture | null;
  readonly placement: Placement;
  /** Crosshair on the canvas; null draws none. */
  readonly cross: readonly [number, number] | null;
  readonly crossColour: string;
  readonly ruler: DrawnRuler | null;
}

/** The crosshair leaves the place it points at free, pixels. */
const CROSS_GAP = 7;

/** Draw a slice on a canvas of so many CSS pixels. */
export function drawSlice(context: CanvasRenderingContext2D, width: number, height: number, drawing: SliceDrawing): void {
  const { sheets, selected, placement, cross, crossColour, ruler } = drawing;
  context.clearRect(0, 0, width, height);
  for (const { sheet, picture } of sheets) {
    lay(context, shaded(picture, sheet.shades), placement, sheet.isSmooth);
    for (const paint of sheet.outlines) stroke(context, picture, paint, placement, 1.3);
  }
  if (selected !== null) {
    stroke(context, selected, { value: 1, rgb: [0, 0, 0] }, placement, 4.5);
    stroke(context, selected, { value: 1, rgb: [1, 1, 1] }, placement, 2);
  }
  if (cross !== null) drawCross(context, width, height, cross, crossColour);
  if (ruler !== null) drawRuler(context, ruler);
}

/** A slice in the colours of its values, 256 times red, green, blue and opacity. */
export function shaded({ width, height, values }: Picture, shades: Uint8ClampedArray): ImageData {
  const data = new ImageData(width, height);
  const [pixels, colours] = [new Uint32Array(data.data.buffer), new Uint32Array(shades.buffer, shades.byteOffset, 256)];
  for (let i = 0; i < values.length; i++) pixels[i] = colours[values[i]];
  return data;
}

function lay(context: CanvasRenderingContext2D, data: ImageData, { x, y, sx, sy }: Placement, isSmooth: boolean): void {
  const sheet = new OffscreenCanvas(data.width, data.height);
  sheet.getContext("2d")!.putImageData(data, 0, 0);
  context.imageSmoothingEnabled = isSmooth;
  context.imageSmoothingQuality = "high";
  context.drawImage(sheet, x, y, data.width * sx, data.height * sy);
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
