import * as React from "react";
import { Stage } from "../engine/stage";
import type { CameraStands } from "../maths/orbit";
import type { Vec3 } from "../maths/vec3";
import type { CaseStageProps } from "../props";
import { paintCompass } from "./compass";
import { paintMarks } from "./marks";
import { marksIn } from "./marks_in";

const CAMERA_REPORT_MS = 250;

/** The engine and the page's hold on it. */
export interface Staged {
  readonly root: React.RefObject<HTMLDivElement>;
  readonly canvas: React.RefObject<HTMLCanvasElement>;
  /** Null until it is mounted, and where the browser has no WebGL 2. */
  readonly stage: React.MutableRefObject<Stage | null>;
  readonly hasWebGl: boolean;
  /** The properties of the last rendering, for listeners. */
  readonly latest: React.MutableRefObject<CaseStageProps>;
  /** Where the crosshair is right now. */
  readonly cursorNow: React.MutableRefObject<Vec3 | null>;
  /** A point of a label's surface in a panel -> a point in a voxel of that label, as far as voxels are known right now. */
  readonly ownPoint: React.MutableRefObject<(panel: string, label: string, mm: Vec3) => Vec3>;
  /** Whether a hand has moved the camera. */
  readonly isTouched: React.MutableRefObject<boolean>;
  /** The camera last told to the page's owner. */
  readonly reported: React.MutableRefObject<CameraStands | null>;
  /** Tell the owner of no camera that a hand has left: the page says where to look. */
  readonly forgetReport: () => void;
  /** Tell the page's owner of changes. */
  readonly say: (changes: Partial<CaseStageProps>) => void;
  /** Have values written into the address; null stands for the default. */
  readonly tell: (values: Readonly<Record<string, string | number | null>>) => void;
  /** Show one panel alone, or all: at once, and told to the owner, whose late answer to an earlier word is not told back. */
  readonly enlarge: (key: string | null) => void;
}

/** Mount the engine once, however often the properties change. */
export function useStage(props: CaseStageProps): Staged {
  const latest = React.useRef(props);
  latest.current = props;
  const root = React.useRef<HTMLDivElement>(null);
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const stage = React.useRef<Stage | null>(null);
  const cursorNow = React.useRef<Vec3 | null>(null);
  const ownPoint = React.useRef<Staged["ownPoint"]["current"]>((_panel, _label, mm) => mm);
  const isTouched = React.useRef(false);
  const reported = React.useRef<CameraStands | null>(null);
  const timer = React.useRef(0);
  const [, redraw] = React.useReducer((n: number) => n + 1, 0);
  const [hasWebGl, setHasWebGl] = React.useState(true);
  const picks = React.useRef(0);
  const say = React.useCallback<Staged["say"]>((changes) => {
    const { selection } = changes;
    latest.current.setProps?.(selection ? { ...changes, selection: { ...selection, nonce: (picks.current += 1) } } : changes);
  }, []);

  const told = React.useRef(0);
  const change = (values: Readonly<Record<string, string | number | null>>) => ({ values: { ...values }, nonce: (told.current += 1) });
  const tell = React.useCallback<Staged["tell"]>((values) => say({ changes: change(values) }), []);
  const enlarge = React.useCallback<Staged["enlarge"]>((key) => say({ maximized: key, changes: change({ alone: key }) }), []);

  // the report alone: what was told before is told still, or another case would go there
  const forgetReport = React.useCallback(() => window.clearTimeout(timer.current), []);

  React.useEffect(() => {
    const reportCamera = () => {
      isTouched.current = true;
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(() => stage.current && say({ camera: (reported.current = stage.current.cameras.stand) }), CAMERA_REPORT_MS);
    };
    // Back and Forward bring a camera of their own, which a report on its way must not overwrite
    const goneBack = ({ isTrusted }: PopStateEvent) => {
      if (!isTrusted) return;
      forgetReport();
      reported.current = null;
    };
    window.addEventListener("popstate", goneBack);
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
        located: (mm) => say({ cursor: mm }),
        picked: (panel, hit) => {
          if (hit === null) return say({ selection: null });
          const mm = ownPoint.current(panel, hit.label, hit.mm);
          say({ selection: { case: latest.current.caseKey ?? null, panel, ...hit, mm }, cursor: mm });
        },
      });
    } catch {
      setHasWebGl(false);
    }
    return () => {
      window.removeEventListener("popstate", goneBack);
      window.clearTimeout(timer.current);
      stage.current?.dispose();
      stage.current = null;
    };
  }, []);
  return { root, canvas, stage, hasWebGl, latest, cursorNow, ownPoint, isTouched, reported, forgetReport, say, tell, enlarge };
}
