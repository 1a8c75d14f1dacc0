import * as React from "react";
import { voxelFromMm } from "../maths/coordinates";
import type { Vec3 } from "../maths/vec3";
import type { Label, Panel, Plane, Slices } from "../props";
import { grown } from "./grown";
import { useSheets } from "./use_sheets";
import { SliceView } from "./SliceView";
import type { SliceControls } from "./use_slice_controls";
import { voxelAt, type SharedSlices } from "./use_slices";
import { valueAt } from "./value_at";

interface PanelSlicesProps {
  panel: Panel;
  planes: readonly Plane[];
  slices: Slices;
  shared: SharedSlices;
  labels: readonly Label[];
  controls: SliceControls;
  cursor: Vec3;
  crossColour: string;
  /** Points on the surface of the selected component's counterparts here, and their label. */
  selection: { label: Label; seeds: readonly Vec3[] } | null;
  onMove: (mm: Vec3) => void;
  onSelect: (panel: string, label: Label) => void;
}

/** The slices of one panel. */
export function PanelSlices({ panel, planes, slices, shared, labels, controls, cursor, crossColour, selection, onMove, onSelect }: PanelSlicesProps) {
  const url = slices.labelUrls[panel.key];
  const mask = shared.volumes.of(url);
  const value = valueAt(mask, slices.shape, voxelAt(slices, cursor));
  const label = labels.find((one) => one.value === value);
  const sheets = useSheets(panel.key, slices, shared, controls.look);
  const selected = React.useMemo(() => {
    if (mask === null || selection === null || selection.seeds.length === 0) return null;
    return grown(mask, slices.shape, selection.label.value, selection.seeds.map((mm) => voxelFromMm(slices.affine, mm)));
  }, [mask, selection?.label.value, selection?.seeds.join()]);
  const hasFault = [url, slices.imageUrl].some((one) => one && shared.volumes.faults.has(one));
  const note = hasFault ? "This volume could not be loaded." : null;
  return (
    <div className="cs-slices">
      {planes.map((plane) => (
        <SliceView
          key={plane} plane={plane} slices={slices} sheets={sheets} controls={controls}
          box={shared.box} cursor={cursor} crossColour={crossColour} title={panel.title} note={note} onMove={onMove}
          selected={selected} onSelect={() => label && onSelect(panel.key, label)}
          under={label ?? null}
        />
      ))}
    </div>
  );
}
