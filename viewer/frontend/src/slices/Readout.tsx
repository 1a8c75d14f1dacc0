import * as React from "react";
import { recountedVoxel, voxelFromMm } from "../maths/coordinates";
import { saidIntensity, type GreyScale } from "../maths/intensity";
import { lengthMm, type Ruler } from "../maths/ruler";
import type { Vec3 } from "../maths/vec3";
import type { Comparison, Label, Panel, Slices } from "../props";
import { overlayValue } from "./sheets";
import type { SharedSlices } from "./use_slices";
import { valueAt } from "./value_at";

interface ReadoutProps {
  slices: Slices;
  shared: SharedSlices;
  scale: GreyScale | null;
  panels: readonly Panel[];
  labels: readonly Label[];
  comparison: Comparison | null;
  cursor: Vec3;
  ruler: Ruler | null;
}

const minus = (text: string) => text.replace("-", "\u2212");

/** What lies under the crosshair: voxel as the files count it, millimetres, intensity, and the label in every panel. */
export function Readout({ slices, shared, scale, panels, labels, comparison, cursor, ruler }: ReadoutProps) {
  const { volumes, errors } = shared;
  const voxel = voxelFromMm(slices.affine, cursor).map(Math.round) as unknown as Vec3;
  // of the voxel that is read, not of the crosshair: half way between two voxels the files may count the other way round
  const fileVoxel = recountedVoxel(slices.affine, slices.fileAffine ?? slices.affine, voxel);
  const grey = valueAt(volumes.of(slices.imageUrl), slices.shape, voxel);
  const said = grey === null ? null : scale === null ? `grey ${grey}` : saidIntensity(scale, grey);
  return (
    <dl>
      <Fact name="voxel">{fileVoxel.join(" ")}</Fact>
      <Fact name="RAS mm">{cursor.map((value) => minus(value.toFixed(1))).join(" ")}</Fact>
      {said !== null && <Fact name={slices.contrast ?? "grey"} title={`Intensity in the file, from the ${slices.greys ?? "grey value"}: exact to within half a grey step`}>{said}</Fact>}
      {panels.map(({ key, title }) => {
        const value = valueAt(volumes.of(slices.labelUrls[key]), slices.shape, voxel);
        const label = labels.find((one) => one.value === value);
        const kind = comparison?.classes.find((one) => one.value === valueAt(errors.get(key)?.volume ?? null, slices.shape, voxel));
        return value !== null && (
          <Fact key={key} name={title}>
            {label ? <><i style={{ background: label.colour }} />{label.name}</> : value === 0 ? "none" : value}
            {kind && <span className="cs-kind"><i style={{ background: kind.colour }} />{kind.title}</span>}
          </Fact>
        );
      })}
      {(slices.overlays ?? []).flatMap((overlay) => panels.map(({ key, title }) => {
        const value = overlayValue(overlay, valueAt(volumes.of(overlay.urls[key]), slices.shape, voxel));
        return value !== null && <Fact key={`${overlay.title} ${key}`} name={`${title} ${overlay.title}`}>{value.toPrecision(3)}{overlay.unit && ` ${overlay.unit}`}</Fact>;
      }))}
      {ruler !== null && <Fact name="ruler">{lengthMm(ruler).toFixed(1)} mm</Fact>}
    </dl>
  );
}

function Fact({ name, title, children }: { name: string; title?: string; children: React.ReactNode }) {
  return <div title={title}><dt>{name}</dt><dd>{children}</dd></div>;
}
