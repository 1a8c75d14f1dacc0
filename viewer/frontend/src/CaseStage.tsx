import * as React from "react";
import { columnsFor } from "./maths/grid_layout";
import { actionsOf, keyTurns } from "./page/keys";
import { ofCase } from "./page/of_case";
import { shownKeys } from "./page/order";
import { StagePanel } from "./page/StagePanel";
import { StageTools } from "./page/StageTools";
import { NO_WEBGL, statusOf } from "./page/status";
import { useCamera } from "./page/use_camera";
import { useCursor } from "./page/use_cursor";
import { useSurfaces } from "./page/use_surfaces";
import { useHeldHeight } from "./page/use_held_height";
import { useStage } from "./page/use_stage";
import { useWidth } from "./page/use_width";
import { usePicture } from "./picture/use_picture";
import { cutAtSlice } from "./slices/cut_at_slice";
import { OverlayScale } from "./slices/OverlayScale";
import { Readout } from "./slices/Readout";
import { useScale } from "./slices/use_scale";
import { useSliceControls } from "./slices/use_slice_controls";
import { pointOf, useSlices } from "./slices/use_slices";
import type { CaseStageProps } from "./props";

/** The panels of one case: Dash's component. */
export function CaseStage(props: CaseStageProps) {
  const { labels = [], layers = {}, caseKey = null, theme = "dark", maximized = null, isCut = false } = props;
  const order = shownKeys((props.panels ?? []).map(({ key }) => key), props.order);
  const panels = order.map((key) => props.panels!.find((panel) => panel.key === key)!);
  const [slices, comparison, selection] = [ofCase(props.slices, caseKey), ofCase(props.comparison, caseKey), ofCase(props.selection, caseKey)];
  const staged = useStage(props);
  const { root, canvas, stage, hasWebGl, say, tell } = staged;
  const width = useWidth(root);
  const isOpened = useSurfaces({ ...props, selection }, panels, comparison, staged, `${maximized} ${width}`);
  const lookFrom = useCamera(props, staged);

  const shared = useSlices(slices, panels, { labels, layers, comparison });
  const scale = useScale(slices?.scaleUrl ?? null);
  const controls = useSliceControls(slices, tell, caseKey);
  const [cursor, moveCursor] = useCursor(props.cursor ?? null, say);
  const shownCursor = cursor ?? shared.home;
  staged.cursorNow.current = slices === null ? cursor : shownCursor;
  staged.ownPoint.current = (panel, label, mm) => (slices === null ? mm : pointOf(labels.find(({ name }) => name === label), slices, shared.volumes, panel, mm));
  React.useEffect(() => stage.current?.announce(), [JSON.stringify(staged.cursorNow.current)]);

  const cut = React.useMemo(
    () => (isCut && slices !== null && shownCursor !== null ? cutAtSlice(slices, panels, shared, shownCursor) : null),
    [isCut, slices, order.join(), shared.paints, shared.errorPaints, [...shared.errors.keys()].join(), shared.home, shared.volumes.isBusy, shownCursor?.join()],
  );
  React.useEffect(() => stage.current?.cut(cut), [cut]);

  React.useEffect(() => {
    const element = root.current as unknown as { caseStage?: object };
    element.caseStage = Object.assign(element.caseStage ?? {}, actionsOf({ staged, slices, cursor: shownCursor, moveCursor, controls, order }));
  });

  usePicture(staged);

  const status = statusOf(isOpened ? stage.current : null, hasWebGl, caseKey);
  React.useEffect(() => say({ status }), [status.state, status.case, status.message]);

  const areSlicesAwaited = slices === null ? Boolean(props.slices) : shownCursor === null && shared.volumes.isBusy;
  const heldHeight = useHeldHeight(root, areSlicesAwaited || status.state === "loading", width);
  const isAlone = maximized !== null && order.includes(maximized);
  return (
    <div
      id={props.id} ref={root} className="cs" data-theme={theme} data-state={status.state} data-case={caseKey ?? ""} data-show={comparison?.show ?? "labels"}
      style={{ "--cs-columns": isAlone ? 1 : columnsFor(panels.length, width), minHeight: heldHeight } as React.CSSProperties}
      onKeyDown={(event) => {
        if (event.key === "Escape" && selection !== null) say({ selection: null });
        else if (stage.current) keyTurns(event, stage.current);
      }}
    >
      <canvas ref={canvas} className="cs-canvas" aria-hidden="true" />
      {!hasWebGl && <p className="cs-alert" role="alert">{NO_WEBGL}</p>}
      <div className="cs-grid">
        {panels.map((panel) => (
          <StagePanel
            key={panel.key} panel={panel} order={order} props={{ ...props, comparison, selection }} slices={slices} staged={staged} shared={shared} controls={controls}
            cursor={shownCursor} isHidden={isAlone && maximized !== panel.key} onMove={moveCursor} onLookFrom={lookFrom}
          />
        ))}
      </div>
      {panels.some(({ meshUrl }) => meshUrl !== null) && (
        <div className="cs-readout">
          {slices !== null && shownCursor !== null && <Readout slices={slices} shared={shared} scale={scale} panels={panels} labels={labels} comparison={comparison} cursor={shownCursor} ruler={controls.ruler} />}
          {(slices?.overlays ?? []).map((overlay) => <OverlayScale key={overlay.title} overlay={overlay} />)}
          <StageTools props={props} slices={shownCursor === null ? null : slices} controls={controls} scale={scale} tell={tell} />
        </div>
      )}
    </div>
  );
}
