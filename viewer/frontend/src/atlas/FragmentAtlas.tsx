import * as React from "react";
import { acrossPositions, CODES, NONE, upPositions, wordsOf, type AtlasColumns, type Code, type Up } from "./columns";
import { CODE_TITLES, coloursOf, drawnCodes, RANGE_SCALES, UP_TITLES } from "./look";
import { Histogram } from "./Histogram";
import { countCodes, histogram } from "./count_bins";
import { Plot } from "./Plot";
import { limits, readPieces, take, writePieces, type Pieces } from "./selection";
import { useAtlas } from "./use_atlas";

export interface FragmentAtlasProps {
  id?: string;
  /** Bytes of the atlas; null while it is not shown: then nothing is fetched and no context is taken. */
  url?: string | null;
  /** The selection, as the address holds it. */
  pieces?: string;
  theme?: "dark" | "light";
  /** Colours of the labels and titles of the methods, by name. */
  labelColours?: Record<string, string>;
  methodTitles?: Record<string, string>;
  /** Address of the taken components as CSV. */
  csvUrl?: string;
  picked?: { patient: string; component: string; nonce: number } | null;
  setProps?: (changes: Partial<FragmentAtlasProps>) => void;
}

const BINS = 48;
const LISTED = 8;
const counted = (n: number) => n.toLocaleString("en").replaceAll(",", "\u202f");
const UPS = Object.keys(UP_TITLES) as Up[];

/** Every component of the cohort: Dash's component. */
export function FragmentAtlas(props: FragmentAtlasProps) {
  const { url = null, theme = "dark" } = props;
  const { atlas, fault } = useAtlas(url);
  if (url === null) return <div id={props.id} className="fa" data-state="closed" hidden />;
  const state = fault ? "error" : atlas ? "ready" : "loading";
  return (
    <div id={props.id} className="fa" data-state={state} data-theme={theme} aria-busy={state === "loading"}>
      {fault && <p className="fa-note" role="alert">{fault}</p>}
      {state === "loading" && <p className="fa-note" role="status">Loading the components …</p>}
      {atlas && atlas.count === 0 && <p className="fa-note">The results of this study list no components.</p>}
      {atlas && atlas.count > 0 && <Shown {...props} atlas={atlas} />}
    </div>
  );
}

function Shown({ atlas, pieces: text = "", theme = "dark", labelColours = {}, methodTitles = {}, csvUrl, setProps }: FragmentAtlasProps & { atlas: AtlasColumns }) {
  const pieces = React.useMemo(() => readPieces(text), [text]);
  const [isLassoing, setLassoing] = React.useState(false);
  const [fault, setFault] = React.useState("");
  const x = React.useMemo(() => acrossPositions(atlas), [atlas]);
  const y = React.useMemo(() => upPositions(atlas, pieces.up), [atlas, pieces.up]);
  const distances = React.useMemo(() => upPositions(atlas, "distance"), [atlas]);
  const codes = React.useMemo(() => drawnCodes(atlas.numbers[pieces.colour] as Uint8Array), [atlas, pieces.colour]);
  const colours = React.useMemo(() => coloursOf(atlas, pieces.colour, theme, labelColours), [atlas, pieces.colour, theme, JSON.stringify(labelColours)]);
  const [mask, taken] = React.useMemo(() => {
    const made = new Uint8Array(atlas.count);
    return [made, take(atlas, pieces, x, y, made)] as const;
  }, [atlas, text, x, y]);
  const cases = React.useMemo(() => casesOf(atlas, mask), [mask]);
  const sizes = React.useMemo(() => histogram(x, mask, BINS), [x, mask]);
  const reach = React.useMemo(() => histogram(distances, mask, BINS), [distances, mask]);
  const largest = React.useMemo(() => largestOf(atlas, mask), [mask]);
  const has = limits(pieces);
  const change = (changes: Partial<Pieces>) => setProps?.({ pieces: writePieces({ ...pieces, ...changes }) });
  const title = (code: Code, word: string) => (code === "method" ? methodTitles[word] ?? word : word.replace("-", ", "));
  const nameOf = (i: number) => {
    const n = atlas.numbers;
    const [method, label] = [atlas.methods[n["method"]![i]!]!, atlas.labels[n["label"]![i]!]!];
    return { patient: atlas.patients[n["patient"]![i]!]!, method, label, component: n["component"]![i]! };
  };
  const describe = (i: number) => {
    const { patient, method, label, component } = nameOf(i);
    const n = atlas.numbers;
    const outcome = n["outcome"]![i] === NONE ? "" : `, ${title("outcome", atlas.outcomes[n["outcome"]![i]!]!)}`;
    return `${patient}\n${methodTitles[method] ?? method}, ${label}, no. ${component}${outcome}\n${counted(n["voxels"]![i]!)} voxels, ${n["distance_mm"]![i]!.toFixed(1)} mm to the main body`;
  };
  const pick = (i: number) => {
    const { patient, method, label, component } = nameOf(i);
    setProps?.({ picked: { patient, component: `${method}:${label}:${component}`, nonce: Date.now() } });
  };
  const summary = `${counted(taken)} of ${counted(atlas.count)} components in ${counted(cases)} of ${counted(atlas.patients.length)} patients` + (atlas.total > atlas.count ? `; an even part of all ${counted(atlas.total)}` : "");
  const unplaced = atlas.count - countKnown(y);
  return (
    <>
      <div className="fa-bar">
        <Choices title="Up" options={UPS.map((up) => [up, { distance: "Distance", baseline: "In Baseline", reference: "In truth" }[up], UP_TITLES[up]])} chosen={pieces.up} onChoose={(up) => change({ up: up as Up, polygon: [] })} />
        <Choices title="Colour" options={CODES.map((code) => [code, CODE_TITLES[code], `Colour by ${code}`])} chosen={pieces.colour} onChoose={(colour) => change({ colour: colour as Code })} />
        <button type="button" className="segment alone" aria-pressed={isLassoing} onClick={() => setLassoing(!isLassoing)} title="Encircle components; or hold Shift while dragging">Lasso</button>
        {has && <button type="button" className="button button-small" onClick={() => change({ ranges: {}, codes: {}, polygon: [] })}>Leave the selection</button>}
        {has && csvUrl && <a className="button button-small" href={csvUrl} download="glioscope-components.csv">CSV of components</a>}
        <span className="fa-summary" role="status">{summary}{unplaced > 0 ? `; ${counted(unplaced)} have no place on the upright axis` : ""}.</span>
      </div>
      {fault && <p className="fa-note" role="alert">{fault}</p>}
      <div className="fa-body">
        <Plot
          atlas={atlas} up={pieces.up} x={x} y={y} codes={codes} mask={mask} colours={colours} hasSelection={has} polygon={pieces.polygon} isLassoing={isLassoing}
          description={`Scatter of components, size against ${UP_TITLES[pieces.up].toLowerCase()}. ${summary}. Arrow keys move, plus and minus zoom, Home shows all; the histograms beside it select, and the list below opens components.`}
          hoverText={describe} onPick={pick} onLasso={(polygon) => { setLassoing(false); change({ polygon }); }} onFault={setFault}
        />
        <div className="fa-side">
          <Histogram bins={sizes} range={pieces.ranges.voxels ?? null} {...RANGE_SCALES.voxels} onRange={(range) => change({ ranges: withRange(pieces, "voxels", range) })} />
          <Histogram bins={reach} range={pieces.ranges.distance_mm ?? null} {...RANGE_SCALES.distance_mm} onRange={(range) => change({ ranges: withRange(pieces, "distance_mm", range) })} />
          {CODES.map((code) => (
            <CodeBars key={code} title={CODE_TITLES[code]} words={wordsOf(atlas, code).map((word) => title(code, word))} counts={countCodes(atlas.numbers[code] as Uint8Array, mask)} kept={pieces.codes[code] ?? null} colours={code === pieces.colour ? colours : null} onKeep={(kept) => change({ codes: withCodes(pieces, code, kept) })} />
          ))}
          <div className="fa-largest" role="group" aria-label="Largest fragments of the selection">
            <span>Largest beside the main bodies</span>
            {largest.map((i) => <button key={i} type="button" onClick={() => pick(i)}>{describe(i).replaceAll("\n", "; ")}</button>)}
          </div>
        </div>
      </div>
    </>
  );
}

function Choices({ title, options, chosen, onChoose }: { title: string; options: readonly (readonly [string, string, string])[]; chosen: string; onChoose: (value: string) => void }) {
  return (
    <div className="group" role="group" aria-label={title}>
      <span className="group-title">{title}</span>
      <div className="segments">{options.map(([value, words, long]) => <button key={value} type="button" className="segment" aria-pressed={value === chosen} title={long} onClick={() => onChoose(value)}>{words}</button>)}</div>
    </div>
  );
}

function CodeBars({ title, words, counts, kept, colours, onKeep }: { title: string; words: readonly string[]; counts: { all: Uint32Array; taken: Uint32Array }; kept: readonly number[] | null; colours: readonly string[] | null; onKeep: (kept: number[] | null) => void }) {
  const rows = [...words.map((word, code) => ({ word, code })), { word: "none", code: NONE }].filter(({ code }) => counts.all[code]! > 0);
  const most = Math.max(1, ...rows.map(({ code }) => counts.all[code]!));
  const toggle = (code: number) => {
    const now = new Set(kept ?? []);
    if (!now.delete(code)) now.add(code);
    onKeep(now.size === 0 ? null : [...now].sort((a, b) => a - b));
  };
  return (
    <div className="fa-codes" role="group" aria-label={title}>
      <span>{title}</span>
      {rows.map(({ word, code }) => (
        <button key={code} type="button" aria-pressed={kept?.includes(code) ?? false} onClick={() => toggle(code)}>
          {colours && <i style={{ background: colours[code === NONE ? 16 : code] }} />}
          <span className="fa-word">{word}</span>
          <span className="fa-count">{counted(counts.taken[code]!)} of {counted(counts.all[code]!)}</span>
          <b style={{ width: `${(counts.all[code]! / most) * 100}%` }}><b style={{ width: `${(counts.taken[code]! / counts.all[code]!) * 100}%` }} /></b>
        </button>
      ))}
    </div>
  );
}

const withRange = (pieces: Pieces, name: "voxels" | "distance_mm", range: [number, number] | null) => {
  const { [name]: _old, ...others } = pieces.ranges;
  return range === null ? others : { ...others, [name]: range };
};
const withCodes = (pieces: Pieces, name: Code, kept: number[] | null) => {
  const { [name]: _old, ...others } = pieces.codes;
  return kept === null ? others : { ...others, [name]: kept };
};

function countKnown(values: Float32Array): number {
  let known = 0;
  for (const value of values) known += value === value ? 1 : 0;
  return known;
}

function casesOf(atlas: AtlasColumns, mask: Uint8Array): number {
  const seen = new Uint8Array(atlas.patients.length);
  const patient = atlas.numbers["patient"]!;
  for (let i = 0; i < mask.length; i++) if (mask[i]) seen[patient[i]!] = 1;
  return seen.reduce((sum, one) => sum + one, 0);
}

/** The largest taken components that are no main body. */
function largestOf(atlas: AtlasColumns, mask: Uint8Array): number[] {
  const { voxels, component } = atlas.numbers;
  const found: number[] = [];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i] || component![i] === 1) continue;
    if (found.length === LISTED && voxels![i]! <= voxels![found[LISTED - 1]!]!) continue;
    let at = found.length;
    while (at > 0 && voxels![found[at - 1]!]! < voxels![i]!) at--;
    found.splice(at, 0, i);
    found.length = Math.min(found.length, LISTED);
  }
  return found;
}

