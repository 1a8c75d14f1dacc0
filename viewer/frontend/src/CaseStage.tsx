import * as React from "react";
import { columnsFor } from "./maths/grid_layout";
import { isSameOrbit, type Orbit } from "./maths/orbit";
import { preset } from "./maths/presets";
import { Stage } from "./engine/stage";
import { paintCompass } from "./page/compass";
import { marksIn } from "./page/marks_in";
import { paintMarks } from "./page/marks";
import { remark } from "./page/remark";
import { PanelFrame } from "./page/PanelFrame";
import { keyTurns } from "./page/keys";
import { useWidth } from "./page/use_width";
import { describe } from "./page/describe";
import { useCursor } from "./page/use_cursor";
import type { Vec3 } from "./maths/vec3";
import { cutAtSlice } from "./slices/cut_at_slice";
import { PanelSlices } from "./slices/PanelSlices";
import { Readout } from "./slices/Readout";
import { useSlices } from "./slices/use_slices";
import type { CaseStageProps, Label, Plane, Status } from "./props";

const PLANES: readonly Plane[] = ["axial", "coronal", "sagittal"];
/** Slices lie on black in both themes. */
const CROSS_COLOUR = "#ffd65c";
const CAMERA_REPORT_MS = 250;
const NO_WEBGL = "This browser offers no WebGL 2, so the 3D views stay empty. Everything else works.";
const prefersStillness = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The panels of one case: Dash's component. */
export function CaseStage(props: CaseStageProps) {
  const { panels = [], labels = [], layers = {}, caseKey = null, brainUrl = null, theme = "dark", maximized = null } = props;
  const latest = React.useRef(props);
  latest.current = props;
  const root = React.useRef<HTMLDivElement>(null);
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const stage = React.useRef<Stage | null>(null);
  const shownCase = React.useRef<string | null>(null);
  const opened = React.useRef("");
  const isTouched = React.useRef(false);
  const cursorNow = React.useRef<Vec3 | null>(null);
  const reported = React.useRef<Orbit | null>(null);
  const [, redraw] = React.useReducer((n: number) => n + 1, 0);
  const [hasWebGl, setHasWebGl] = React.useState(true);
  const width = useWidth(root);
  const say = (changes: Partial<CaseStageProps>) => latest.current.setProps?.(changes);

  React.useEffect(() => {
    let timer = 0;
    const reportCamera = (camera: Orbit) => {
      isTouched.current = true;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => say({ camera: (reported.current = camera) }), CAMERA_REPORT_MS);
    };
    try {
      stage.current = new Stage(root.current!, canvas.current!, {
        changed: redraw,
        cameraMoved: reportCamera,
        drawn: (key, { orbit, camera, distanceMm }) => {
          const view = root.current?.querySelector<HTMLElement>(`[data-view="${CSS.escape(key)}"]`);
          if (!view || !stage.current) return;
          paintCompass(view, orbit);
          paintMarks(view, camera, distanceMm, marksIn(key, stage.current, cursorNow.current));
        },
        picked: (panel, hit) => say(hit === null ? { selection: null } : { selection: { panel, ...hit }, cursor: hit.mm }),
      });
    } catch {
      setHasWebGl(false);
    }
    Object.assign(root.current!, { caseStage: { readPanel: (key: string) => stage.current?.readPanel(key) ?? null } });
    return () => {
      window.clearTimeout(timer);
      stage.current?.dispose();
      stage.current = null;
    };
  }, []);

  const panelsText = JSON.stringify(panels);
  const wanted = `${caseKey} ${brainUrl} ${panelsText}`;
  React.useEffect(() => {
    const urls = Object.fromEntries(panels.map(({ key, meshUrl }) => [key, meshUrl]));
    stage.current?.open(urls, brainUrl, labels, caseKey !== shownCase.current);
    shownCase.current = caseKey;
    opened.current = wanted;
  }, [panelsText, caseKey, brainUrl, JSON.stringify(labels)]);

  React.useEffect(() => {
    for (const view of root.current!.querySelectorAll<HTMLElement>("[data-view]")) stage.current?.attach(view.dataset["view"]!, view);
  }, [panelsText, maximized, width]);

  React.useEffect(() => stage.current?.showLayers(layers), [JSON.stringify(layers)]);
  React.useEffect(() => stage.current?.setTheme(theme), [theme]);
  React.useEffect(() => stage.current?.link(props.linked !== false), [props.linked]);

  React.useEffect(() => stage.current?.select(props.selection ?? null), [JSON.stringify(props.selection)]);
  React.useEffect(() => stage.current?.isolate(props.isolated === true), [props.isolated]);

  const lookFrom = React.useCallback((name: string) => {
    const stand = preset(name, latest.current.slices?.convention);
    if (stand === null || stage.current === null) return;
    stage.current.fly({ ...stand, zoom: 1 }, prefersStillness());
    say({ camera: { ...stage.current.orbitOf(null), ...stand, zoom: 1 } });
  }, []);

  const isFirstView = React.useRef(true);
  React.useEffect(() => {
    const { view, camera } = props;
    const stand = view && preset(view.preset, props.slices?.convention);
    if (!view || !stand) return;
    // the first view is where the page begins, unless a link or a hand was there before
    const isTaken = isFirstView.current && (Boolean(camera) || isTouched.current);
    if (!isTaken) stage.current?.fly({ ...stand, zoom: 1 }, isFirstView.current || prefersStillness());
    isFirstView.current = false;
  }, [props.view?.preset, props.view?.nonce]);

  React.useEffect(() => {
    const { camera } = props;
    if (!camera || (reported.current && isSameOrbit(camera, reported.current))) return;
    stage.current?.fly(camera, true);
  }, [JSON.stringify(props.camera)]);

  const { slices = null } = props;
  const shared = useSlices(slices, panels, labels, layers);
  const [cursor, moveCursor] = useCursor(props.cursor ?? null, say);
  const shownCursor = cursor ?? shared.home;
  cursorNow.current = slices === null ? cursor : shownCursor;
  React.useEffect(() => stage.current?.announce(), [JSON.stringify(cursorNow.current)]);

  const [isCut, setIsCut] = React.useState(false);
  const cut = React.useMemo(
    () => (isCut && slices !== null && shownCursor !== null ? cutAtSlice(slices, panels, shared.volumes, shared.paints, shownCursor) : null),
    [isCut, slices, panelsText, shared.paints, shared.home, shared.volumes.isBusy, shownCursor?.join()],
  );
  React.useEffect(() => stage.current?.cut(cut), [cut]);

  const selectAt = (panel: string, label: Label) => {
    const component = shownCursor && stage.current?.componentAt(panel, label.name, shownCursor);
    if (shownCursor && component) say({ selection: { panel, label: label.name, component, mm: shownCursor } });
  };

  const status = statusOf(opened.current === wanted ? stage.current : null, hasWebGl, caseKey);
  React.useEffect(() => say({ status }), [status.state, status.case, status.message]);

  const isMaximized = maximized !== null && panels.some(({ key }) => key === maximized);
  const columns = isMaximized ? 1 : columnsFor(panels.length, width);
  const toggle = (key: string) => say({ maximized: maximized === key ? null : key });
  return (
    <div
      id={props.id} ref={root} className="cs" data-theme={theme} data-state={status.state} data-case={caseKey ?? ""}
      style={{ "--cs-columns": columns } as React.CSSProperties}
      onKeyDown={(event) => {
        if (event.key === "Escape" && props.selection) say({ selection: null });
        else if (stage.current) keyTurns(event, stage.current);
      }}
    >
      <canvas ref={canvas} className="cs-canvas" aria-hidden="true" />
      {!hasWebGl && <p className="cs-alert" role="alert">{NO_WEBGL}</p>}
      <div className="cs-grid">
        {panels.map((panel) => {
          const isLoading = hasWebGl && panel.meshUrl !== null && !stage.current?.isShown(panel.key) && !stage.current?.faults.has(panel.key);
          const found = stage.current?.selected.in(panel.key) ?? null;
          const label = labels.find(({ name }) => name === props.selection?.label);
          const fault = stage.current?.faults.has(panel.key) ? "This surface could not be loaded." : null;
          return (
            <PanelFrame
              key={panel.key} panel={panel} isLoading={isLoading} isMaximized={maximized === panel.key}
              isHidden={isMaximized && maximized !== panel.key}
              note={fault ?? (panel.meshUrl === null ? panel.note ?? "Nothing to show." : null)}
              description={describe(panel, labels, layers)} remark={found && label ? remark(label, found, props.isolated === true) : null}
              onMaximize={() => toggle(panel.key)} onLookFrom={lookFrom}
            >
              {slices !== null && shownCursor !== null && (
                <PanelSlices
                  panel={panel} slices={slices} shared={shared} labels={labels} cursor={shownCursor} onMove={moveCursor}
                  planes={maximized === panel.key ? PLANES : [slices.plane ?? "axial"]} crossColour={CROSS_COLOUR}
                  selection={label && found ? { label, seeds: stage.current?.seeds(panel.key) ?? [] } : null} onSelect={selectAt}
                />
              )}
            </PanelFrame>
          );
        })}
      </div>
      {slices !== null && shownCursor !== null && <Readout slices={slices} volumes={shared.volumes} panels={panels} labels={labels} cursor={shownCursor} isCut={isCut} onCut={setIsCut} />}
    </div>
  );
}

function statusOf(stage: Stage | null, hasWebGl: boolean, caseKey: string | null): Status {
  const base = { case: caseKey, frames: stage?.frames ?? 0 };
  if (!hasWebGl) return { ...base, state: "error", message: NO_WEBGL };
  if (stage === null) return { ...base, state: "loading", message: "" };
  if (stage.isLost) return { ...base, state: "lost", message: "The graphics context was lost; waiting for the browser to give it back." };
  if (stage.isLoading) return { ...base, state: "loading", message: "" };
  const faults = [...stage.faults.values()];
  return { ...base, state: faults.length > 0 ? "error" : "ready", message: faults.join("; ") };
}
