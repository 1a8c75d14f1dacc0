import * as React from "react";
import type { AtlasColumns, Up } from "./columns";
import { rgbOf, ticks, UP_TITLES, whole } from "./look";
import { PointLayer, type Window4 } from "./points";
import { nearest } from "./selection";

interface PlotProps {
  atlas: AtlasColumns;
  up: Up;
  x: Float32Array;
  y: Float32Array;
  codes: Uint8Array;
  mask: Uint8Array;
  colours: readonly string[];
  hasSelection: boolean;
  polygon: readonly (readonly [number, number])[];
  isLassoing: boolean;
  description: string;
  hoverText: (component: number) => string;
  onPick: (component: number) => void;
  onLasso: (polygon: [number, number][]) => void;
  onFault: (sentence: string) => void;
}

const PICK_PIXELS = 9;
const ZOOM_STEP = 1.25;
const MOST_VERTICES = 40;

/** The points with their axes: drag moves, the wheel zooms, a click opens; with the lasso, drag encircles. */
export function Plot(props: PlotProps) {
  const { x, y, codes, mask, colours, hasSelection, up } = props;
  const latest = React.useRef(props);
  latest.current = props;
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const layer = React.useRef<PointLayer | null>(null);
  const frame = React.useRef(0);
  const drag = React.useRef<{ at: [number, number]; view: Window4; moved: boolean } | null>(null);
  const [view, setView] = React.useState<Window4>(() => whole(x, y, up));
  const [path, setPath] = React.useState<[number, number][]>([]);
  const [hovered, setHovered] = React.useState<{ text: string; left: number; top: number } | null>(null);
  const viewNow = React.useRef(view);
  viewNow.current = view;

  const draw = React.useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      const { colours: own, hasSelection: has, x: all } = latest.current;
      const sparse = all.length < 20_000 ? 4 : all.length < 100_000 ? 3 : 2;
      layer.current?.draw(viewNow.current, own.map(rgbOf), sparse * Math.max(1, window.devicePixelRatio), has);
    });
  }, []);

  React.useEffect(() => {
    const element = canvas.current!;
    try {
      layer.current = new PointLayer(element);
    } catch (error) {
      console.error(error);
      latest.current.onFault("This browser offers no WebGL 2, so the points are not drawn. Histograms, counts and the list work.");
      return;
    }
    const lost = (event: Event) => event.preventDefault();
    const restored = () => { layer.current?.prepare(); draw(); };
    const resize = new ResizeObserver(() => {
      const scale = Math.max(1, window.devicePixelRatio);
      element.width = Math.round(element.clientWidth * scale);
      element.height = Math.round(element.clientHeight * scale);
      draw();
    });
    const wheel = (event: WheelEvent) => { event.preventDefault(); zoom(ZOOM_STEP ** Math.sign(event.deltaY), placeOf(event)); };
    element.addEventListener("webglcontextlost", lost);
    element.addEventListener("webglcontextrestored", restored);
    element.addEventListener("wheel", wheel, { passive: false });
    resize.observe(element);
    return () => {
      resize.disconnect();
      element.removeEventListener("webglcontextlost", lost);
      element.removeEventListener("webglcontextrestored", restored);
      element.removeEventListener("wheel", wheel);
      cancelAnimationFrame(frame.current);
      layer.current?.dispose();
      layer.current = null;
    };
  }, []);

  React.useEffect(() => { layer.current?.upload("x", x); draw(); }, [x]);
  React.useEffect(() => { layer.current?.upload("y", y); setView(whole(x, y, up)); }, [y]);
  React.useEffect(() => { layer.current?.upload("code", codes); draw(); }, [codes]);
  React.useEffect(() => { layer.current?.upload("taken", mask); draw(); }, [mask]);
  React.useEffect(draw, [view, colours, hasSelection]);

  const placeOf = (event: { clientX: number; clientY: number }): [number, number] => {
    const box = canvas.current!.getBoundingClientRect();
    const [x0, x1, y0, y1] = viewNow.current;
    return [x0 + ((event.clientX - box.left) / box.width) * (x1 - x0), y1 - ((event.clientY - box.top) / box.height) * (y1 - y0)];
  };
  const zoom = (factor: number, [cx, cy]: readonly [number, number]) => setView(([x0, x1, y0, y1]) => [cx + (x0 - cx) * factor, cx + (x1 - cx) * factor, cy + (y0 - cy) * factor, cy + (y1 - cy) * factor]);
  const move = (right: number, top: number) => setView(([x0, x1, y0, y1]) => [x0 + right * (x1 - x0), x1 + right * (x1 - x0), y0 + top * (y1 - y0), y1 + top * (y1 - y0)]);
  const under = (event: { clientX: number; clientY: number }) => {
    const { clientWidth, clientHeight } = canvas.current!;
    const [x0, x1, y0, y1] = viewNow.current;
    return nearest(latest.current.x, latest.current.y, latest.current.mask, placeOf(event), [(x1 - x0) / clientWidth, (y1 - y0) / clientHeight], PICK_PIXELS);
  };

  const onPointerDown = (event: React.PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { at: [event.clientX, event.clientY], view: viewNow.current, moved: false };
    if (latest.current.isLassoing || event.shiftKey) setPath([placeOf(event)]);
  };
  const onPointerMove = (event: React.PointerEvent) => {
    const from = drag.current;
    if (from === null) {
      const found = under(event);
      const box = canvas.current!.getBoundingClientRect();
      setHovered(found < 0 ? null : { text: props.hoverText(found), left: event.clientX - box.left, top: event.clientY - box.top });
      return;
    }
    const [dx, dy] = [event.clientX - from.at[0], event.clientY - from.at[1]];
    from.moved ||= Math.abs(dx) + Math.abs(dy) > 3;
    setHovered(null);
    if (path.length > 0) return setPath([...path, placeOf(event)]);
    const [x0, x1, y0, y1] = from.view;
    const { clientWidth, clientHeight } = canvas.current!;
    const [sx, sy] = [(-dx / clientWidth) * (x1 - x0), (dy / clientHeight) * (y1 - y0)];
    if (from.moved) setView([x0 + sx, x1 + sx, y0 + sy, y1 + sy]);
  };
  const onPointerUp = (event: React.PointerEvent) => {
    const from = drag.current;
    drag.current = null;
    if (path.length > 2) props.onLasso(thinned(path));
    else if (from !== null && !from.moved) {
      const found = under(event);
      if (found >= 0) props.onPick(found);
    }
    setPath([]);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const middle: [number, number] = [(view[0] + view[1]) / 2, (view[2] + view[3]) / 2];
    const actions: Record<string, () => void> = {
      ArrowLeft: () => move(-0.1, 0), ArrowRight: () => move(0.1, 0), ArrowUp: () => move(0, 0.1), ArrowDown: () => move(0, -0.1),
      "+": () => zoom(1 / ZOOM_STEP, middle), "=": () => zoom(1 / ZOOM_STEP, middle), "-": () => zoom(ZOOM_STEP, middle), Home: () => setView(whole(x, y, up)),
    };
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };

  const marks = ticks(view, up);
  const [left, bottom] = [(at: number) => `${((at - view[0]) / (view[1] - view[0])) * 100}%`, (at: number) => `${((at - view[2]) / (view[3] - view[2])) * 100}%`];
  const drawnPath = path.length > 0 ? path : props.polygon;
  const points = drawnPath.map(([px, py]) => `${((px - view[0]) / (view[1] - view[0])) * 100},${(1 - (py - view[2]) / (view[3] - view[2])) * 100}`).join(" ");
  return (
    <div className="fa-plot">
      <span className="fa-up-title">{UP_TITLES[up]}</span>
      <div className="fa-frame" role="application" aria-label={props.description} tabIndex={0} data-lasso={props.isLassoing} onKeyDown={onKeyDown}>
        {marks.across.map(([at, word]) => <span key={`x${word}`} className="fa-line fa-line-x" style={{ left: left(at) }}><i>{word}</i></span>)}
        {marks.up.map(([at, word]) => <span key={`y${word}`} className="fa-line fa-line-y" style={{ bottom: bottom(at) }}><i>{word}</i></span>)}
        <canvas ref={canvas} onPointerDown={onPointerDown} onPointerMove={onPointerMove} onPointerUp={onPointerUp} onPointerCancel={() => { drag.current = null; setPath([]); }} onPointerLeave={() => setHovered(null)} onDoubleClick={() => setView(whole(x, y, up))} aria-hidden="true" />
        {drawnPath.length > 1 && <svg className="fa-lasso" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"><polygon points={points} vectorEffect="non-scaling-stroke" /></svg>}
        {hovered && <div className="fa-hover" style={{ left: hovered.left + 12, top: hovered.top + 12 }}>{hovered.text.split("\n").map((line) => <div key={line}>{line}</div>)}</div>}
      </div>
      <span className="fa-across-title">Size, voxels</span>
    </div>
  );
}

function thinned(path: [number, number][]): [number, number][] {
  const step = Math.max(1, Math.ceil(path.length / MOST_VERTICES));
  return path.filter((_, i) => i % step === 0);
}
