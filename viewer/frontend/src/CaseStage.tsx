import * as React from "react";
import { columnsFor } from "./maths/grid_layout";
import { keyTurns } from "./page/keys";
import { StagePanel } from "./page/StagePanel";
import { NO_WEBGL, statusOf } from "./page/status";
import { useCamera } from "./page/use_camera";
import { useCursor } from "./page/use_cursor";
import { useStage } from "./page/use_stage";
import { useWidth } from "./page/use_width";
import { usePicture } from "./picture/use_picture";
import { cutAtSlice } from "./slices/cut_at_slice";
import { Readout } from "./slices/Readout";
import { useSlices } from "./slices/use_slices";
import type { CaseStageProps } from "./props";

/** The panels of one case: Dash's component. */
export function CaseStage(props: CaseStageProps) {
  const { panels = [], labels = [], layers = {}, caseKey = null, brainUrl = null, theme = "dark", maximized = null, slices = null } = props;
  const staged = useStage(props);
  const { root, canvas, stage, hasWebGl, say } = staged;
  const width = useWidth(root);
  const panelsText = JSON.stringify(panels);

  const shownCase = React.useRef<string | null>(null);
  const opened = React.useRef("");
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
  React.useEffect(() => stage.current?.select(props.selection ?? null), [JSON.stringify(props.selection)]);
  React.useEffect(() => stage.current?.isolate(props.isolated === true), [props.isolated]);
  const lookFrom = useCamera(props, staged);

  const shared = useSlices(slices, panels, labels, layers);
  const [cursor, moveCursor] = useCursor(props.cursor ?? null, say);
  const shownCursor = cursor ?? shared.home;
  staged.cursorNow.current = slices === null ? cursor : shownCursor;
  React.useEffect(() => stage.current?.announce(), [JSON.stringify(staged.cursorNow.current)]);

  const [isCut, setIsCut] = React.useState(false);
  const cut = React.useMemo(
    () => (isCut && slices !== null && shownCursor !== null ? cutAtSlice(slices, panels, shared.volumes, shared.paints, shownCursor) : null),
    [isCut, slices, panelsText, shared.paints, shared.home, shared.volumes.isBusy, shownCursor?.join()],
  );
  React.useEffect(() => stage.current?.cut(cut), [cut]);

  React.useEffect(() => {
    Object.assign(root.current!, { caseStage: { readPanel: (key: string) => stage.current?.readPanel(key) ?? null } });
  }, []);

  usePicture(staged);

  const status = statusOf(opened.current === wanted ? stage.current : null, hasWebGl, caseKey);
  React.useEffect(() => say({ status }), [status.state, status.case, status.message]);

  const isAlone = maximized !== null && panels.some(({ key }) => key === maximized);
  return (
    <div
      id={props.id} ref={root} className="cs" data-theme={theme} data-state={status.state} data-case={caseKey ?? ""}
      style={{ "--cs-columns": isAlone ? 1 : columnsFor(panels.length, width) } as React.CSSProperties}
      onKeyDown={(event) => {
        if (event.key === "Escape" && props.selection) say({ selection: null });
        else if (stage.current) keyTurns(event, stage.current);
      }}
    >
      <canvas ref={canvas} className="cs-canvas" aria-hidden="true" />
      {!hasWebGl && <p className="cs-alert" role="alert">{NO_WEBGL}</p>}
      <div className="cs-grid">
        {panels.map((panel) => (
          <StagePanel
            key={panel.key} panel={panel} props={props} staged={staged} shared={shared} cursor={shownCursor}
            isHidden={isAlone && maximized !== panel.key} onMove={moveCursor} onLookFrom={lookFrom}
          />
        ))}
      </div>
      {slices !== null && shownCursor !== null && <Readout slices={slices} volumes={shared.volumes} panels={panels} labels={labels} cursor={shownCursor} isCut={isCut} onCut={setIsCut} />}
    </div>
  );
}
