import * as React from "react";
import { applied } from "../page/applied";
import type { CaseStageProps, Plane } from "../props";

const PLANES: readonly (Plane | "none")[] = ["axial", "coronal", "sagittal", "none"];
const PRESETS = ["oblique", "axial", "coronal", "sagittal"];

interface SnapshotProps {
  /** What is shown when the page is opened. */
  first: CaseStageProps;
  Stage: React.ComponentType<CaseStageProps>;
}

/** What the stage reports is kept; what a control of it wants changed is changed. */
function changedBy(now: CaseStageProps, { changes, ...rest }: Partial<CaseStageProps>): CaseStageProps {
  return applied({ ...now, ...rest }, changes?.values ?? {});
}

/** A case without a server: the stage, with the switches that need nobody else. */
export function Snapshot({ first, Stage }: SnapshotProps) {
  const [props, change] = React.useReducer(changedBy, first);
  const { labels = [], layers = {}, theme = "dark", slices = null, brainUrl = null } = props;
  React.useEffect(() => void (document.documentElement.dataset["theme"] = theme), [theme]);
  const names = [...labels.map(({ name, title, colour }) => ({ name, title, colour })), ...(brainUrl ? [{ name: "brain", title: "Brain", colour: "#c9ced6" }] : [])];
  const plane = slices?.plane ?? "none";
  const showPlane = (wanted: Plane | "none") => {
    const base = slices ?? first.slices ?? null;
    change({ slices: wanted === "none" || base === null ? null : { ...base, plane: wanted } });
  };
  const turn = (preset: string) => change({ view: { preset, nonce: performance.now() } });
  return (
    <>
      <div className="bar" role="toolbar" aria-label="What is shown">
        <Choice title="Layers">
          {names.map(({ name, title, colour }) => (
            <button key={name} type="button" title={title} aria-pressed={layers[name] !== false} onClick={() => change({ layers: { ...layers, [name]: layers[name] === false } })}>
              <i style={{ background: colour }} />{name === "brain" ? "Brain" : name}
            </button>
          ))}
        </Choice>
        <Choice title="Camera">{PRESETS.map((preset) => <button key={preset} type="button" onClick={() => turn(preset)}>{preset}</button>)}</Choice>
        {first.slices && <Choice title="Slice">{PLANES.map((one) => <button key={one} type="button" aria-pressed={plane === one} onClick={() => showPlane(one)}>{one}</button>)}</Choice>}
        <Choice title="Theme">{(["dark", "light"] as const).map((one) => <button key={one} type="button" aria-pressed={theme === one} onClick={() => change({ theme: one })}>{one}</button>)}</Choice>
      </div>
      <Stage {...props} setProps={change} />
    </>
  );
}

function Choice({ title, children }: { title: string; children: React.ReactNode }) {
  return <div className="choice" role="group" aria-label={title}><span>{title}</span>{children}</div>;
}
