import * as React from "react";
import type { Extent } from "../engine/comparing";
import { signedMm } from "../maths/distance_scale";
import type { ErrorVolume } from "../maths/error_classes";
import type { Comparison } from "../props";

const millilitres = (mm3: number) => (mm3 / 1000).toFixed(mm3 < 10_000 ? 2 : 1);
const grouped = (count: number) => count.toLocaleString("en").replaceAll(",", "\u202f");

interface ErrorLegendProps {
  comparison: Comparison;
  errors: ErrorVolume;
  voxelMm3: number;
}

/** The kinds of voxels of a panel's errors, with their colours, millilitres and voxels. */
export function ErrorLegend({ comparison, errors, voxelMm3 }: ErrorLegendProps) {
  return (
    <table className="cs-legend" data-legend="errors" aria-label={`Errors in ${comparison.region} against the reference`}>
      <thead className="cs-unseen"><tr><th scope="col">Kind</th><th scope="col">Millilitres</th><th scope="col">Voxels</th></tr></thead>
      <tbody>
        {comparison.classes.filter(({ name }) => comparison.members.length > 1 || name !== "wrong-class").map(({ value, name, title, colour }) => (
          <tr key={name} data-kind={name} data-voxels={errors.counts[value]}>
            <th scope="row"><i style={{ background: colour }} />{title}</th>
            <td>{millilitres(errors.counts[value] * voxelMm3)} ml</td>
            <td className="cs-voxels" title="voxels">{grouped(errors.counts[value])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface DistanceLegendProps {
  comparison: Comparison;
  /** Lowest and highest on this panel; null where there is no distance. */
  extent: Extent | null;
  /** The end of the scale that all panels share, mm. */
  endMm: number;
}

/** The scale of distances, and how far this panel goes. */
export function DistanceLegend({ comparison, extent, endMm }: DistanceLegendProps) {
  if (extent === null) return <p className="cs-legend" data-legend="distance">No distance: {comparison.region} is empty here or in the reference.</p>;
  const ends = [extent[0] < -endMm ? "\u2264 " : "", extent[1] > endMm ? "\u2265 " : ""];
  return (
    <div className="cs-legend" data-legend="distance" data-low={extent[0]} data-high={extent[1]}>
      <div className="cs-scale" aria-hidden="true" style={{ background: `linear-gradient(to right, ${comparison.stops.join(", ")})` }} />
      <div className="cs-scale-ends" aria-hidden="true"><span>{ends[0]}{"\u2212"}{endMm}</span><span>0</span><span>{ends[1]}+{endMm} mm</span></div>
      <p>{comparison.region} surface {signedMm(extent[0])} to {signedMm(extent[1])} mm from the reference’s, − inside, + outside of it</p>
    </div>
  );
}
