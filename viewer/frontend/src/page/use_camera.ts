import * as React from "react";
import { isStillnessPreferred } from "../engine/cameras";
import { preset } from "../maths/presets";
import type { CaseStageProps } from "../props";
import type { Staged } from "./use_stage";

/** Let the camera follow the properties. Returns what looks from a named side. */
export function useCamera(props: CaseStageProps, { stage, latest, isTouched, reported, forgetReport, say }: Staged): (name: string) => void {
  React.useEffect(() => stage.current?.cameras.link(props.linked !== false), [props.linked]);

  const isFirstView = React.useRef(true);
  /** Whether the camera that was given last still says where to look, or a side was asked for since. */
  const isWanted = React.useRef(false);
  React.useEffect(() => {
    const { view, camera } = props;
    const stand = view && preset(view.preset, props.slices?.convention);
    if (!view || !stand) return;
    // the first view is where the page begins, unless a link or a hand was there before
    const isTaken = isFirstView.current && (Boolean(camera) || isTouched.current);
    if (!isTaken) {
      isWanted.current = false;
      forgetReport();
      stage.current?.cameras.fly({ ...stand, zoom: 1 }, isFirstView.current || isStillnessPreferred());
    }
    isFirstView.current = false;
  }, [props.view?.preset, props.view?.nonce]);

  React.useEffect(() => {
    isWanted.current = true;
  }, [JSON.stringify(props.camera)]);
  React.useEffect(() => {
    const { camera } = props;
    if (!camera || !isWanted.current || JSON.stringify(camera) === JSON.stringify(reported.current)) return;
    stage.current?.cameras.fly(camera, true);
  }, [JSON.stringify(props.camera), props.caseKey]); // a link to another case: its camera counts once that is there

  return React.useCallback((name: string) => {
    const stand = preset(name, latest.current.slices?.convention);
    if (stand === null || stage.current === null) return;
    forgetReport();
    stage.current.cameras.fly({ ...stand, zoom: 1 }, isStillnessPreferred());
    say({ camera: (reported.current = { ...stand, zoom: 1 }) });
  }, []);
}
