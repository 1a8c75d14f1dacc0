import * as React from "react";
import { voxelFromMm, mmFromVoxel } from "../maths/coordinates";
import type { Vec3 } from "../maths/vec3";
import type { Label, Plane, Slices } from "../props";
import type { Box } from "./content_box";
import { drawSlice } from "./draw_slice";
import { extract } from "./extract";
import { extractSet } from "./extract_set";
import { placement } from "./placement";
import { pixelOf, section, voxelOf } from "./section";
import type { Sheet } from "./sheets";
import { spacingMm } from "./spacing";

interface SliceViewProps {
  plane: Plane;
  slices: Slices;
  /** From the lowest to the topmost; they stay the same list while nothing about them changes. */
  sheets: readonly Sheet[];
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

/** One slice: wheel and page keys go through it, a drag or the arrow keys move the crosshair. */
export function SliceView(props: SliceViewProps) {
  const { plane, slices, sheets, selected, box, cursor, title, under, note, onMove, onSelect } = props;
  const canvas = React.useRef<HTMLCanvasElement>(null);
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

  const place = React.useMemo(() => placement(cut, shape, spacing, box, ...size), [cut, shape, spacing, box, size]);
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
    drawSlice(context, ...size, { sheets: laid, selected: outlined, placement: place, cross, crossColour: props.crossColour });
  }, [size, laid, outlined, place, cursor[0], cursor[1], cursor[2], props.crossColour]);

  const step = (axis: number, by: number) => {
    const next = [...voxel] as [number, number, number];
    next[axis] = within(voxel[axis] + by, shape[axis]);
    onMove(mmFromVoxel(affine, next));
  };
  const pointAt = (event: React.PointerEvent) => {
    const bounds = canvas.current!.getBoundingClientRect();
    const column = within(Math.floor((event.clientX - bounds.left - place.x) / place.sx), shape[cut.columns]);
    const row = within(Math.floor((event.clientY - bounds.top - place.y) / place.sy), shape[cut.rows]);
    onMove(mmFromVoxel(affine, voxelOf(cut, shape, column, row, index)));
  };
  const latestStep = React.useRef(step);
  latestStep.current = step;
  React.useEffect(() => {
    const element = canvas.current!;
    const wheeled = (event: WheelEvent) => {
      event.preventDefault();
      latestStep.current(cut.through, event.deltaY < 0 ? 1 : -1);
    };
    element.addEventListener("wheel", wheeled, { passive: false }); // React's own wheel listeners cannot hold the page still
    return () => element.removeEventListener("wheel", wheeled);
  }, [cut]);

  const across = cut.isMirrored ? -1 : 1;
  const keys: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [cut.columns, -across], ArrowRight: [cut.columns, across], ArrowUp: [cut.rows, 1], ArrowDown: [cut.rows, -1],
    PageUp: [cut.through, 1], PageDown: [cut.through, -1],
  };
  const where = `${plane} ${index + 1} / ${shape[cut.through]}`;
  return (
    <div
      className="cs-slice" data-plane={plane} role="img" tabIndex={0}
      aria-label={`${title}, ${where}, ${convention}: ${under?.title ?? "no label"} at the crosshair. Arrow keys move it, Page Up and Page Down change the slice, Enter selects the component.`}
      onKeyDown={(event) => {
        if (event.key === "Enter") onSelect();
        const move = keys[event.key];
        if (move === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        step(...move);
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        pointAt(event);
      }}
      onDoubleClick={onSelect}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && pointAt(event)}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {Object.entries(cut.letters).map(([edge, letter]) => <span key={edge} className={`cs-edge cs-edge--${edge}`} aria-hidden="true">{letter}</span>)}
      <span className="cs-where">{where}</span>
      {under && <span className="cs-under"><i style={{ background: under.colour }} />{under.name}</span>}
      {note && <p className="cs-note">{note}</p>}
    </div>
  );
}
