import * as React from "react";
import { mmFromVoxel, voxelFromMm } from "../maths/coordinates";
import { nearestVoxel } from "../maths/nearest_voxel";
import { rgbOfHex } from "../maths/colours";
import type { Vec3 } from "../maths/vec3";
import type { ErrorVolume } from "../maths/error_classes";
import type { Comparison, Label, Panel, Slices } from "../props";
import { commonBox, contentBoxOnce, type Box } from "./content_box";
import { middle } from "./middle";
import type { Paint } from "./sheets";
import { spacingMm } from "./spacing";
import { useErrors } from "./use_errors";
import { valueAt } from "./value_at";
import { Volumes } from "./volumes";

const MARGIN_VOXELS = 5;

/** All that slices need and panels share. */
export interface SharedSlices {
  readonly volumes: Volumes;
  /** The part of the volume that holds something. */
  readonly box: Box;
  /** Where the crosshair stands while nobody has put it anywhere: amid the first panel's tumour. */
  readonly home: Vec3 | null;
  readonly paints: readonly Paint[];
  /** By panel, while errors are shown instead of labels; and the colours of their kinds. */
  readonly errors: ReadonlyMap<string, ErrorVolume>;
  readonly errorPaints: readonly Paint[];
}

/** What decides how labels look. */
export interface Looks {
  readonly labels: readonly Label[];
  readonly layers: Readonly<Record<string, boolean>>;
  readonly comparison: Comparison | null;
}

const paintOf = ({ value, colour }: Label): Paint => ({ value, rgb: rgbOfHex(colour) });

/** Fetch a case's volumes and work out what its slices share. */
export function useSlices(slices: Slices | null, panels: readonly Panel[], looks: Looks): SharedSlices {
  const { labels, layers, comparison } = looks;
  const [, changed] = React.useReducer((n: number) => n + 1, 0);
  const volumes = React.useMemo(() => new Volumes(changed), []);
  const labelUrls = panels.flatMap(({ key }) => slices?.labelUrls[key] ?? []);
  const compared = comparison === null ? [] : [slices?.labelUrls[comparison.reference] ?? []].flat();
  const urls = slices === null ? [] : [...new Set([...labelUrls, ...compared]), ...(slices.imageUrl ? [slices.imageUrl] : []), ...overlayUrls(slices, panels)];
  const shape: Vec3 = slices?.shape ?? [1, 1, 1];
  React.useEffect(() => volumes.want(urls, shape), [urls.join(" "), shape.join()]);
  React.useEffect(() => () => volumes.want([], [0, 0, 0]), []);

  const image = volumes.of(slices?.imageUrl);
  const masks = labelUrls.map((url) => volumes.of(url));
  const box = React.useMemo(() => {
    const isWaiting = Boolean(slices?.imageUrl) && image === null && volumes.isBusy;
    return commonBox(isWaiting ? [] : image !== null ? [contentBoxOnce(image, shape)] : masks.map((mask) => mask && contentBoxOnce(mask, shape)), shape, MARGIN_VOXELS);
    // one text, since React stops comparing where a list of dependencies changes its length
  }, [image, masks.map((mask) => mask !== null).join(), labelUrls.join(" ")]);
  const first = masks.find((mask) => mask !== null) ?? null;
  const home = React.useMemo(() => {
    if (slices === null || first === null) return null;
    const voxel = middle(first, shape);
    return voxel && mmFromVoxel(slices.affine, voxel);
  }, [first]);
  const paints = React.useMemo(
    () => labels.filter(({ name }) => layers[name] !== false).map(paintOf),
    [JSON.stringify(labels), JSON.stringify(layers)],
  );
  const errors = useErrors(comparison, slices, panels, volumes);
  const errorPaints = React.useMemo(() => (comparison?.classes ?? []).map(paintOf), [JSON.stringify(comparison?.classes)]);
  return { volumes, box, home, paints, errors, errorPaints };
}

function overlayUrls({ overlays = [] }: Slices, panels: readonly Panel[]): string[] {
  return overlays.flatMap(({ urls }) => panels.flatMap(({ key }) => urls[key] ?? []));
}

/** The voxel that holds a point, for looking values up. */
export function voxelAt(slices: Slices, mm: Vec3): Vec3 {
  return voxelFromMm(slices.affine, mm).map(Math.round) as unknown as Vec3;
}

/** A point, or where it is not in a voxel of a label, the middle of the nearest that is; without a volume, the point. */
export function pointOf(label: Label | undefined, slices: Slices, volumes: Volumes, panel: string, mm: Vec3): Vec3 {
  const volume = volumes.of(slices.labelUrls[panel]);
  const isOwn = (voxel: Vec3) => valueAt(volume, slices.shape, voxel) === label?.value;
  if (volume === null || isOwn(voxelAt(slices, mm))) return mm;
  const voxel = nearestVoxel(voxelFromMm(slices.affine, mm), spacingMm(slices.affine), isOwn);
  return voxel === null ? mm : mmFromVoxel(slices.affine, voxel);
}
