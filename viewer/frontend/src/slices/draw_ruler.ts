import { lengthMm, type Ruler } from "../maths/ruler";
import { voxelFromMm, type Affine } from "../maths/coordinates";
import type { Vec3 } from "../maths/vec3";
import type { Placement } from "./placement";
import { pixelOf, type Section } from "./section";

/** A ruler as one slice shows it: its ends on the canvas and its length in words. */
export interface DrawnRuler {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** Whether both ends lie in this slice; else one of them is only above or below it. */
  readonly isWhole: boolean;
  readonly text: string;
}

/** Place a ruler in a slice; null where neither end lies in it. */
export function rulerInSlice(ruler: Ruler, affine: Affine, section: Section, shape: Vec3, index: number, { x, y, sx, sy }: Placement): DrawnRuler | null {
  const ends = ruler.map((mm) => voxelFromMm(affine, mm));
  const isIn = ends.map((voxel) => Math.round(voxel[section.through]) === index);
  if (!isIn[0] && !isIn[1]) return null;
  const [from, to] = ends.map((voxel) => {
    const [column, row] = pixelOf(section, shape, voxel);
    return [x + (column + 0.5) * sx, y + (row + 0.5) * sy] as const;
  });
  return { from, to, isWhole: isIn[0] && isIn[1], text: `${lengthMm(ruler).toFixed(1)} mm` };
}

const COLOUR = "#7fe3ff";
const TICK = 5;

/** Draw a ruler with its length beside it. */
export function drawRuler(context: CanvasRenderingContext2D, { from, to, isWhole, text }: DrawnRuler): void {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
  const [nx, ny] = [(-(to[1] - from[1]) / length) * TICK, ((to[0] - from[0]) / length) * TICK];
  for (const [colour, width] of [["rgb(0 0 0 / 70%)", 4], [COLOUR, 1.6]] as const) {
    context.beginPath();
    for (const [ax, ay, bx, by] of [[...from, ...to], ...[from, to].map(([px, py]) => [px - nx, py - ny, px + nx, py + ny])]) {
      context.moveTo(ax, ay);
      context.lineTo(bx, by);
    }
    context.setLineDash(isWhole ? [] : [5, 4]);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
  context.setLineDash([]);
  context.font = "600 12px system-ui, sans-serif";
  const [tx, ty] = [Math.max(from[0], to[0]) + 8, (from[1] + to[1]) / 2 + 4];
  context.strokeStyle = "rgb(0 0 0 / 80%)";
  context.lineWidth = 3;
  context.strokeText(text, tx, ty);
  context.fillStyle = COLOUR;
  context.fillText(text, tx, ty);
}
