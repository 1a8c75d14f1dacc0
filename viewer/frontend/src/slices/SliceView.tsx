import * as React from "react";
import { voxelFromMm, mmFromVoxel } from "../maths/coordinates";
import { lengthMm } from "../maths/ruler";
import type { Vec3 } from "../maths/vec3";
import { adjusted } from "../maths/window_level";
import type { Label, Plane, Slices } from "../props";
import type { Box } from "./content_box";
import { rulerInSlice } from "./draw_ruler";
import { drawSlice } from "./draw_slice";
import { extract } from "./extract";
import { extractSet } from "./extract_set";
import { lensMoved, magnified } from "./lens";
import { placement } from "./placement";
import { pixelOf, section, voxelOf } from "./section";
import type { Sheet } from "./sheets";
import { listenToHand, type SliceHand } from "./slice_hand";
import { spacingMm } from "./spacing";
import type { SliceControls } from "./use_slice_controls";

interface SliceViewProps {
  plane: Plane;
  slices: Slices;
  /** From the lowest to the topmost; they stay the same list while nothing about them changes. */
  sheets: readonly Sheet[];
  controls: SliceControls;
  /** Voxels of the selected component here. */
  selected: ReadonlySet<number> | null;
  box: Box;
  cursor: Vec3;
  crossColour: string;
  title: string;
  /** What lies under the cursor here; null where nothing is labelled. */
  under: Label | null;
  note: string | null;
  onMove: (mm: Vec3) => void;
  onSelect: () => void;
}

const within = (value: number, size: number) => Math.min(size - 1, Math.max(0, value));
const KEY_GREYS = 8;
const KEY_ZOOM = 1.25;

/** One slice: wheel and page keys go through it, a drag or the arrow keys move the crosshair, the second button grades it. */
export function SliceView(props: SliceViewProps) {
  const { plane, slices, sheets, controls, selected, box, cursor, title, under, note, onMove, onSelect } = props;
  const { lens, ruler, look } = controls;
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const frame = React.useRef<HTMLDivElement>(null);
  const convention = slices.convention ?? "radiological";
  const cut = React.useMemo(() => section(plane, convention), [plane, convention]);
  const { shape, affine } = slices;
  const spacing = React.useMemo(() => spacingMm(affine), [affine]);
  const exact = voxelFromMm(affine, cursor);
  const voxel = exact.map((value, axis) => within(Math.round(value), shape[axis])) as unknown as Vec3;
  const index = voxel[cut.through];
  const [size, setSize] = React.useState<readonly [number, number]>([0, 0]);

  React.useLayoutEffect(() => {
    const observer = new ResizeObserver(() => canvas.current && setSize([canvas.current.clientWidth, canvas.current.clientHeight]));
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, []);

  const whole = React.useMemo(() => placement(cut, shape, spacing, box, ...size), [cut, shape, spacing, box, size]);
  const place = magnified(whole, lens, cut, shape, ...size);
  const laid = React.useMemo(
    () => sheets.map((sheet) => ({ sheet, picture: extract(sheet.volume, shape, cut, index) })),
    [sheets, shape, cut, index],
  );
  const outlined = React.useMemo(() => selected && extractSet(selected, shape, cut, index), [selected, shape, cut, index]);

  React.useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || size[0] === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const device = size.map((length) => Math.round(length * ratio));
    if (canvas.current!.width !== device[0] || canvas.current!.height !== device[1]) [canvas.current!.width, canvas.current!.height] = device;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [column, row] = pixelOf(cut, shape, exact);
    const cross = [place.x + (column + 0.5) * place.sx, place.y + (row + 0.5) * place.sy] as const;
    const drawn = ruler && rulerInSlice(ruler, affine, cut, shape, index, place);
    drawSlice(context, ...size, { sheets: laid, selected: outlined, placement: place, cross, crossColour: props.crossColour, ruler: drawn });
  }, [size, laid, outlined, whole, lens, ruler, cursor[0], cursor[1], cursor[2], props.crossColour]);

  const step = (axis: number, by: number) => {
    const next = [...voxel] as [number, number, number];
    next[axis] = within(voxel[axis] + by, shape[axis]);
    onMove(mmFromVoxel(affine, next));
  };
  const hand: SliceHand = {
    point: (x, y, isStart) => {
      const column = within(Math.floor((x - place.x) / place.sx), shape[cut.columns]);
      const row = within(Math.floor((y - place.y) / place.sy), shape[cut.rows]);
      const mm = mmFromVoxel(affine, voxelOf(cut, shape, column, row, index));
      if (controls.isRuling) controls.setRuler(isStart || ruler === null ? [mm, mm] : [ruler[0], mm]);
      else onMove(mm);
    },
    grade: (dx, dy) => controls.setWindow(adjusted(look.window, dx, -dy)),
    lens: (x, y, dx, dy, factor) => controls.setLens(lensMoved(lens, place, cut, shape, { width: size[0], height: size[1], x, y, dx, dy, factor, index })),
    step: (by) => step(cut.through, by),
  };
  const latest = React.useRef(hand);
  latest.current = hand;
  React.useEffect(() => listenToHand(frame.current!, () => latest.current), []);

  const across = cut.isMirrored ? -1 : 1;
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => step(cut.columns, -across), ArrowRight: () => step(cut.columns, across), ArrowUp: () => step(cut.rows, 1), ArrowDown: () => step(cut.rows, -1),
    PageUp: () => step(cut.through, 1), PageDown: () => step(cut.through, -1),
    "Shift ArrowLeft": () => hand.grade(-KEY_GREYS, 0), "Shift ArrowRight": () => hand.grade(KEY_GREYS, 0),
    "Shift ArrowUp": () => hand.grade(0, -KEY_GREYS), "Shift ArrowDown": () => hand.grade(0, KEY_GREYS),
    "+": () => hand.lens(size[0] / 2, size[1] / 2, 0, 0, KEY_ZOOM), "-": () => hand.lens(size[0] / 2, size[1] / 2, 0, 0, 1 / KEY_ZOOM),
    Enter: onSelect,
    ...(controls.isRuling && { " ": () => controls.setRuler(ruler === null || lengthMm(ruler) > 0 ? [cursor, cursor] : [ruler[0], cursor]) }),
  };
  const where = `${plane} ${index + 1} / ${shape[cut.through]}`;
  return (
    <div
      ref={frame} className="cs-slice" data-plane={plane} data-ruling={controls.isRuling} role="img" tabIndex={0}
      aria-label={`${title}, ${where}, ${convention}: ${under?.title ?? "no label"} at the crosshair. Arrow keys move it, Page Up and Page Down change the slice, Shift with arrows changes the window, plus and minus zoom, Enter selects the component.`}
      onKeyDown={(event) => {
        const act = keys[event.shiftKey && event.key.startsWith("Arrow") ? `Shift ${event.key}` : event.key];
        if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        event.stopPropagation();
        act();
      }}
      onDoubleClick={onSelect}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {Object.entries(cut.letters).map(([edge, letter]) => <span key={edge} className={`cs-edge cs-edge--${edge}`} aria-hidden="true">{letter}</span>)}
      <span className="cs-where">{where}{lens.zoom > 1 && ` · ${lens.zoom.toFixed(1)}×`}</span>
      {under && <span className="cs-under"><i style={{ background: under.colour }} />{under.name}</span>}
      {note && <p className="cs-note">{note}</p>}
    </div>
  );
}
