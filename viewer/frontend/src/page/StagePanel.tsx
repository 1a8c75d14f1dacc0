import * as React from "react";
import type { Badge } from "../engine/badge";
import type { Vec3 } from "../maths/vec3";
import type { CaseStageProps, Label, Panel, Plane, Slices } from "../props";
import { PanelSlices } from "../slices/PanelSlices";
import type { SliceControls } from "../slices/use_slice_controls";
import type { SharedSlices } from "../slices/use_slices";
import { voxelMm3 } from "../slices/spacing";
import { describe } from "./describe";
import { DistanceLegend, ErrorLegend } from "./Legend";
import { shifted, swapped, writtenOrder } from "./order";
import { PanelFrame } from "./PanelFrame";
import { remark } from "./remark";
import type { Staged } from "./use_stage";

const PLANES: readonly Plane[] = ["axial", "coronal", "sagittal"];
/** Slices lie on black in both themes. */
const CROSS_COLOUR = "#ffd65c";

/** Said of errors and distances, whatever surfaces labels have. */
const VOXEL_BY_VOXEL: Badge = { text: "voxel by voxel", isWarning: false, says: ["Errors and distances are drawn on the voxels themselves, exactly, whichever surface labels have."] };

interface StagePanelProps {
  panel: Panel;
  /** Keys of the panels on the stage, in their order. */
  order: readonly string[];
  props: CaseStageProps;
  slices: Slices | null;
  staged: Staged;
  shared: SharedSlices;
  controls: SliceControls;
  cursor: Vec3 | null;
  isHidden: boolean;
  onMove: (mm: Vec3) => void;
  onLookFrom: (preset: string) => void;
}

/** One panel as the stage stands: its frame, what is said in it, and its slices. */
export function StagePanel(all: StagePanelProps) {
  const { panel, order, props, slices, staged, shared, controls, cursor, isHidden, onMove, onLookFrom } = all;
  const { labels = [], layers = {}, maximized = null, comparison = null } = props;
  const { hasWebGl, say, tell, enlarge } = staged;
  const stage = staged.stage.current;
  const badge = stage?.badges.get(panel.key) ?? null;
  const hasFault = (stage?.faults.has(panel.key) || stage?.comparing.faults.has(panel.key)) ?? false;
  const isLoading = hasWebGl && panel.meshUrl !== null && !hasFault && !(stage?.isShown(panel.key) && stage.comparing.isShown(panel.key));
  const found = stage?.selected.in(panel.key) ?? null;
  const label = labels.find(({ name }) => name === props.selection?.label);
  const isMaximized = maximized === panel.key;
  const selectAt = (key: string, under: Label) => {
    const component = cursor && stage?.componentAt(key, under.name, cursor);
    if (cursor && component) say({ selection: { case: props.caseKey ?? null, panel: key, label: under.name, component, mm: cursor } });
  };
  const known = (props.panels ?? []).map(({ key }) => key);
  const place = order.indexOf(panel.key);
  const reorder = (keys: readonly string[]) => tell({ panels: writtenOrder(known, keys) });
  const errors = shared.errors.get(panel.key) ?? null;
  const isCompared = Boolean(comparison?.urls[panel.key]) && !isLoading;
  return (
    <PanelFrame
      panel={panel} isLoading={isLoading} isMaximized={isMaximized} isHidden={isHidden}
      note={hasFault ? "This surface could not be loaded." : panel.meshUrl === null ? panel.note ?? "Nothing to show." : null}
      onRetry={hasFault ? () => stage?.retry() : null} badge={isCompared ? VOXEL_BY_VOXEL : badge}
      description={describe(panel, labels, layers, isCompared ? comparison : badge)} remark={found && label ? remark(label, found, props.isolated === true) : null}
      onMaximize={() => enlarge(isMaximized ? null : panel.key)} onLookFrom={onLookFrom}
      onShift={{
        back: place > 0 ? () => reorder(shifted(order, panel.key, -1)) : null,
        forth: place < order.length - 1 ? () => reorder(shifted(order, panel.key, 1)) : null,
      }}
      onSwap={(other) => reorder(swapped(order, panel.key, other))}
      legend={
        comparison !== null && errors !== null && slices !== null ? <ErrorLegend comparison={comparison} errors={errors} voxelMm3={voxelMm3(slices.affine)} />
        : comparison?.show === "distance" && isCompared ? <DistanceLegend comparison={comparison} extent={stage?.comparing.extents.get(panel.key) ?? null} endMm={stage?.comparing.endMm ?? 1} />
        : null
      }
    >
      {slices !== null && cursor !== null && (
        <PanelSlices
          panel={panel} slices={slices} shared={shared} labels={labels} controls={controls} cursor={cursor} onMove={onMove}
          planes={isMaximized ? PLANES : [slices.plane ?? "axial"]} crossColour={CROSS_COLOUR}
          selection={label && found ? { label, seeds: stage?.seeds(panel.key) ?? [] } : null} onSelect={selectAt}
        />
      )}
    </PanelFrame>
  );
}
