import * as React from "react";
import { voxelFromMm } from "../maths/coordinates";
import type { Vec3 } from "../maths/vec3";
import type { Label, Panel, Slices } from "../props";
import { overlayValue } from "./sheets";
import { valueAt } from "./value_at";
import type { Volumes } from "./volumes";

interface ReadoutProps {
  slices: Slices;
  volumes: Volumes;
  panels: readonly Panel[];
  labels: readonly Label[];
  cursor: Vec3;
  isCut: boolean;
  onCut: (isCut: boolean) => void;
}

/** What lies under the crosshair: voxel as the files count it, millimetres, grey value, and the label in every panel. */
export function Readout({ slices, volumes, panels, labels, cursor, isCut, onCut }: ReadoutProps) {
  const voxel = voxelFromMm(slices.affine, cursor).map(Math.round) as unknown as Vec3;
  const fileVoxel = voxelFromMm(slices.fileAffine ?? slices.affine, cursor).map((index) => Math.round(index) || 0);
  const grey = valueAt(volumes.of(slices.imageUrl), slices.shape, voxel);
  const sided = (slices.convention ?? "radiological") === "radiological" ? "patient's right on the left" : "patient's right on the right";
  return (
    <div className="cs-readout">
      <dl>
        <div><dt>voxel</dt><dd>{fileVoxel.join(" ")}</dd></div>
        <div><dt>RAS mm</dt><dd>{cursor.map((value) => value.toFixed(1).replace("-", "\u2212")).join(" ")}</dd></div>
        {grey !== null && <div><dt>{slices.contrast ?? "grey"}</dt><dd>{grey}</dd></div>}
        {panels.map(({ key, title }) => {
          const value = valueAt(volumes.of(slices.labelUrls[key]), slices.shape, voxel);
          const label = labels.find((one) => one.value === value);
          return value === null ? null : (
            <div key={key}><dt>{title}</dt><dd>{label ? <><i style={{ background: label.colour }} />{label.name}</> : value === 0 ? "none" : value}</dd></div>
          );
        })}
        {(slices.overlays ?? []).flatMap((overlay) => panels.map(({ key, title }) => {
          const value = overlayValue(overlay, valueAt(volumes.of(overlay.urls[key]), slices.shape, voxel));
          return value !== null && <div key={`${overlay.title} ${key}`}><dt>{title} {overlay.title}</dt><dd>{value.toPrecision(3)}{overlay.unit && ` ${overlay.unit}`}</dd></div>;
        }))}
      </dl>
      <button type="button" className="cs-toggle" aria-pressed={isCut} onClick={() => onCut(!isCut)}>Cut 3D at the slice</button>
      <span className="cs-convention">{slices.convention ?? "radiological"}: {sided}</span>
    </div>
  );
}
