import * as React from "react";
import type { Bins } from "./count_bins";

interface HistogramProps {
  title: string;
  bins: Bins;
  range: readonly [number, number] | null;
  toPosition: (value: number) => number;
  toValue: (position: number) => number;
  onRange: (range: [number, number] | null) => void;
}

const WIDTH = 200;
const HEIGHT = 44;

/** Counts a bin, brushed with the mouse or by writing two numbers. */
export function Histogram({ title, bins, range, toPosition, toValue, onRange }: HistogramProps) {
  const start = React.useRef<number | null>(null);
  const [drawn, setDrawn] = React.useState<[number, number] | null>(null);
  const { edges, all, taken } = bins;
  if (edges.length === 0) return null;
  const [low, high] = [edges[0]!, edges[edges.length - 1]!];
  const most = Math.log10(1 + Math.max(...all));
  const place = (position: number) => ((position - low) / (high - low || 1)) * WIDTH;
  const positionAt = (event: React.PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return low + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (high - low);
  };
  const finish = () => {
    if (drawn !== null) onRange(drawn[1] - drawn[0] < (high - low) / 100 ? null : [toValue(drawn[0]), toValue(drawn[1])]);
    start.current = null;
    setDrawn(null);
  };
  const shown = drawn ?? (range && [toPosition(range[0]), toPosition(range[1])]);
  const bar = (count: number) => (Math.log10(1 + count) / (most || 1)) * HEIGHT;
  const write = (end: 0 | 1, text: string) => {
    const value = Number(text);
    const now: [number, number] = range ? [...range] : [toValue(low), toValue(high)];
    if (text.trim() === "" || Number.isNaN(value)) return onRange(null);
    now[end] = value;
    onRange(now);
  };
  const field = (end: 0 | 1, word: string) => (
    <input
      key={`${word} ${range?.[end] ?? ""}`} type="number" aria-label={`${title}: ${word}`} placeholder={String(toValue(end === 0 ? low : high))}
      defaultValue={range?.[end] ?? ""} onBlur={(event) => event.target.value !== String(range?.[end] ?? "") && write(end, event.target.value)}
      onKeyDown={(event) => event.key === "Enter" && write(end, event.currentTarget.value)}
    />
  );
  return (
    <div className="fa-histogram" role="group" aria-label={title}>
      <div className="fa-histogram-head"><span>{title}</span>{range && <button type="button" onClick={() => onRange(null)} aria-label={`Forget the range of ${title}`}>×</button>}</div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true"
        onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); start.current = positionAt(event); setDrawn([start.current, start.current]); }}
        onPointerMove={(event) => { const from = start.current; if (from !== null) { const to = positionAt(event); setDrawn([Math.min(from, to), Math.max(from, to)]); } }}
        onPointerUp={finish} onPointerCancel={finish}
      >
        {all.map((count, i) => (
          <g key={i}>
            <rect className="fa-all" x={place(edges[i]!)} width={Math.max(0.5, WIDTH / all.length - 0.6)} y={HEIGHT - bar(count)} height={bar(count)} />
            <rect className="fa-taken" x={place(edges[i]!)} width={Math.max(0.5, WIDTH / all.length - 0.6)} y={HEIGHT - bar(taken[i]!)} height={bar(taken[i]!)} />
          </g>
        ))}
        {shown && <rect className="fa-brush" x={place(shown[0])} width={Math.max(1, place(shown[1]) - place(shown[0]))} y={0} height={HEIGHT} />}
      </svg>
      <div className="fa-ends">{field(0, "at least")}<span>to</span>{field(1, "at most")}</div>
    </div>
  );
}
