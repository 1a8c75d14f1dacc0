import * as React from "react";
import type { Vec3 } from "../maths/vec3";
import type { CaseStageProps, Label, Panel, Plane } from "../props";
import { PanelSlices } from "../slices/PanelSlices";
import type { SharedSlices } from "../slices/use_slices";
import { describe } from "./describe";
import { PanelFrame } from "./PanelFrame";
import { remark } from "./remark";
import type { Staged } from "./use_stage";

const PLANES: readonly Plane[] = ["axial", "coronal", "sagittal"];
/** Slices lie on black in both themes. */
const CROSS_COLOUR = "#ffd65c";

interface StagePanelProps {
  panel: Panel;
  props: CaseStageProps;
  staged: Staged;
  shared: SharedSlices;
  cursor: Vec3 | null;
  isHidden: boolean;
  onMove: (mm: Vec3) => void;
  onLookFrom: (preset: string) => void;
}

/** One panel as the stage stands: its frame, what is said in it, and its slices. */
export function StagePanel({ panel, props, staged, shared, cursor, isHidden, onMove, onLookFrom }: StagePanelProps) {
  const { labels = [], layers = {}, maximized = null, slices = null } = props;
  const { hasWebGl, say } = staged;
  const stage = staged.stage.current;
  const badge = stage?.badges.get(panel.key) ?? null;
  const hasFault = stage?.faults.has(panel.key) ?? false;
  const isLoading = hasWebGl && panel.meshUrl !== null && !stage?.isShown(panel.key) && !hasFault;
  const found = stage?.selected.in(panel.key) ?? null;
  const label = labels.find(({ name }) => name === props.selection?.label);
  const isMaximized = maximized === panel.key;
  const selectAt = (key: string, under: Label) => {
    const component = cursor && stage?.componentAt(key, under.name, cursor);
    if (cursor && component) say({ selection: { panel: key, label: under.name, component, mm: cursor } });
  };
  return (
    <PanelFrame
      panel={panel} isLoading={isLoading} isMaximized={isMaximized} isHidden={isHidden}
      note={hasFault ? "This surface could not be loaded." : panel.meshUrl === null ? panel.note ?? "Nothing to show." : null}
      description={describe(panel, labels, layers, badge)} badge={badge} remark={found && label ? remark(label, found, props.isolated === true) : null}
      onMaximize={() => say({ maximized: isMaximized ? null : panel.key })} onLookFrom={onLookFrom}
    >
      {slices !== null && cursor !== null && (
        <PanelSlices
          panel={panel} slices={slices} shared={shared} labels={labels} cursor={cursor} onMove={onMove}
          planes={isMaximized ? PLANES : [slices.plane ?? "axial"]} crossColour={CROSS_COLOUR}
          selection={label && found ? { label, seeds: stage?.seeds(panel.key) ?? [] } : null} onSelect={selectAt}
        />
      )}
    </PanelFrame>
  );
}
