import * as React from "react";
import { rulerOf, writtenRuler, type Ruler } from "../maths/ruler";
import { WHOLE, type Window } from "../maths/window_level";
import { useDraft } from "../page/use_draft";
import type { CaseStageProps, Slices } from "../props";
import { WHOLE_SLICE, type Lens } from "./lens";
import type { SliceLook } from "./use_sheets";

const FILL = 0.3;

/** What people change on slices, shared by all of them. */
export interface SliceControls {
  readonly look: SliceLook;
  readonly setWindow: (window: Window) => void;
  readonly setFill: (fill: number) => void;
  readonly lens: Lens;
  readonly setLens: (lens: Lens) => void;
  readonly ruler: Ruler | null;
  readonly setRuler: (ruler: Ruler | null) => void;
  /** Whether a drag on a slice draws the ruler instead of moving the crosshair. */
  readonly isRuling: boolean;
  readonly setIsRuling: (isRuling: boolean) => void;
}

/** Hold what people change on slices; window, fill and ruler are told to the address, the lens is not. */
export function useSliceControls(slices: Slices | null, tell: (values: Record<string, string | number | null>) => void, caseKey: CaseStageProps["caseKey"]): SliceControls {
  const [window, setWindow] = useDraft<Window>(slices?.window ?? WHOLE, ([low, high]) => tell({ window: low === WHOLE[0] && high === WHOLE[1] ? null : `${low}:${high}` }));
  const [fill, setFill] = useDraft(slices?.fill ?? FILL, (value) => tell({ fill: value === FILL ? null : Math.round(value * 100) }));
  const [ruler, setRuler] = useDraft<Ruler | null>(rulerOf(slices?.ruler), (value) => tell({ ruler: value && writtenRuler(value) }), (value) => value === null ? "" : writtenRuler(value));
  const [lens, setLens] = React.useState(WHOLE_SLICE);
  const [isRuling, setIsRuling] = React.useState(false);
  React.useEffect(() => setLens(WHOLE_SLICE), [caseKey]);
  return { look: { window, fill }, setWindow, setFill, lens, setLens, ruler, setRuler, isRuling, setIsRuling };
}
