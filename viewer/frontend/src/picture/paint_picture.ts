import { edgeLetters } from "../maths/anatomy";
import { basisOf, type Orbit } from "../maths/orbit";
import { mmPerPixel } from "../maths/fit";
import type { Layout, Rectangle } from "./layout";
import { lengthWords, scaleBar } from "./scale_bar";

/** What a picture says besides what it shows. */
export interface Caption {
  /** Who and what: patient, study, surface mode. */
  readonly line: string;
  /** What must be said: research use only; synthetic. */
  readonly notices: readonly string[];
  readonly labels: readonly { readonly name: string; readonly title: string; readonly colour: string }[];
}

export interface PanelPicture {
  readonly title: string;
  readonly subtitle: string;
  readonly orbit: Orbit;
  readonly distanceMm: number;
  /** Draw the view itself; null where this source has none of the case. */
  readonly paint: ((context: CanvasRenderingContext2D, box: Rectangle) => void) | null;
  /** Said where there is nothing to draw. */
  readonly note: string;
}

export interface Colours {
  readonly panel: string;
  readonly near: string;
  readonly far: string;
  readonly line: string;
  readonly ink: string;
  readonly muted: string;
  readonly alert: string;
}

const FONT = '"Inter", "Segoe UI", "Helvetica Neue", "DejaVu Sans", system-ui, sans-serif';
const BAR_SHARE = 0.28;

/** Draw a picture of some panels: their names, their views, letters and a scale bar in each, and the caption below. */
export function paintPicture(context: CanvasRenderingContext2D, layout: Layout, panels: readonly PanelPicture[], caption: Caption, colours: Colours): void {
  const { width, height } = context.canvas;
  context.fillStyle = colours.panel;
  context.fillRect(0, 0, width, height);
  panels.forEach((panel, i) => paintPanel(context, layout.panels[i], layout, panel, colours));
  paintFooter(context, layout, caption, colours);
}

function paintPanel(context: CanvasRenderingContext2D, box: Rectangle, layout: Layout, panel: PanelPicture, colours: Colours): void {
  paintHead(context, box, layout, panel, colours);
  const centre = [box.x + box.width * 0.5, box.y + box.height * 0.46] as const;
  const ground = context.createRadialGradient(...centre, 0, ...centre, Math.hypot(box.width, box.height) * 0.51);
  ground.addColorStop(0, colours.near);
  ground.addColorStop(1, colours.far);
  context.fillStyle = ground;
  context.fillRect(box.x, box.y, box.width, box.height);
  if (panel.paint === null) write(context, panel.note, box.x + box.width / 2, box.y + box.height / 2, { size: layout.text, colour: colours.muted, align: "center" });
  else {
    panel.paint(context, box);
    paintLetters(context, box, layout.text, panel.orbit, colours);
    paintBar(context, box, layout.text, mmPerPixel(panel.distanceMm, box.height), colours);
  }
  context.strokeStyle = colours.line;
  context.lineWidth = Math.max(1, Math.round(layout.text / 12));
  context.strokeRect(box.x + 0.5, box.y - layout.head + 0.5, box.width - 1, box.height + layout.head - 1);
}

function paintHead(context: CanvasRenderingContext2D, box: Rectangle, { head, text }: Layout, { title, subtitle }: PanelPicture, { ink, muted }: Colours): void {
  const [x, y, most] = [box.x + text, box.y - head / 2, box.width - 2 * text];
  const taken = write(context, title, x, y, { size: text * 1.1, colour: ink, weight: 650, most });
  if (taken + text * 3 < most) write(context, subtitle, x + taken + text * 0.8, y, { size: text, colour: muted, most: most - taken - text * 0.8 });
}

function paintLetters(context: CanvasRenderingContext2D, { x, y, width, height }: Rectangle, text: number, orbit: Orbit, { muted }: Colours): void {
  const letters = edgeLetters(basisOf(orbit));
  const places = { left: [x + text, y + height / 2], right: [x + width - text, y + height / 2], top: [x + width / 2, y + text * 1.2], bottom: [x + width / 2, y + height - text * 1.2] } as const;
  for (const edge of ["left", "right", "top", "bottom"] as const) {
    write(context, letters[edge], ...places[edge], { size: text, colour: muted, weight: 600, align: edge === "left" ? "left" : edge === "right" ? "right" : "center" });
  }
}

/** The bar is true in the plane of the point that the camera turns about: nearer things look larger, as in every perspective. */
function paintBar(context: CanvasRenderingContext2D, { x, y, width, height }: Rectangle, text: number, mm: number, { ink }: Colours): void {
  const bar = scaleBar(mm, width * BAR_SHARE);
  const [left, low, tick] = [Math.round(x + text), Math.round(y + height - text), Math.round(text * 0.35)];
  context.strokeStyle = ink;
  context.lineWidth = Math.max(1, text / 8);
  context.beginPath();
  context.moveTo(left, low - tick);
  context.lineTo(left, low);
  context.lineTo(left + bar.pixels, low);
  context.lineTo(left + bar.pixels, low - tick);
  context.stroke();
  write(context, lengthWords(bar.mm), left, low - text * 0.95, { size: text * 0.95, colour: ink });
}

function paintFooter(context: CanvasRenderingContext2D, { footer, text }: Layout, caption: Caption, colours: Colours): void {
  const [left, most] = [footer.x + text, footer.width - 2 * text];
  const [upper, lower] = [footer.y + footer.height * 0.32, footer.y + footer.height * 0.7];
  const taken = write(context, caption.line, left, upper, { size: text, colour: colours.ink, weight: 600, most });
  let x = left + taken + text * 2;
  for (const { name, colour } of caption.labels) {
    context.font = font(text, 400);
    if (x + text * 1.2 + context.measureText(name).width > left + most) break;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x + text * 0.4, upper, text * 0.4, 0, 2 * Math.PI);
    context.fill();
    x += text * 1.2 + write(context, name, x + text * 1.2, upper, { size: text, colour: colours.muted }) + text;
  }
  write(context, caption.notices.join("   "), left, lower, { size: text, colour: colours.alert, weight: 600, most });
}

interface Writing {
  readonly size: number;
  readonly colour: string;
  readonly weight?: number;
  readonly align?: CanvasTextAlign;
  /** Pixels that the words may take; longer ones are pressed together. */
  readonly most?: number;
}

const font = (size: number, weight: number) => `${weight} ${size.toFixed(1)}px ${FONT}`;

/** Write on one line about a height. Returns how wide it came out. */
function write(context: CanvasRenderingContext2D, words: string, x: number, y: number, { size, colour, weight = 400, align = "left", most = Infinity }: Writing): number {
  context.font = font(size, weight);
  context.fillStyle = colour;
  context.textAlign = align;
  context.textBaseline = "middle";
  const width = Math.min(most, context.measureText(words).width);
  context.fillText(words, x, y, width);
  return width;
}
