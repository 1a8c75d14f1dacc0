import * as React from "react";
import type { Slices } from "../props";
import { imageSheet, overlaySheet, paintedSheet, type Sheet } from "./sheets";
import type { SharedSlices } from "./use_slices";

/** How slices are looked at; see `Slices`. */
export interface SliceLook {
  readonly window: readonly [number, number];
  readonly fill: number;
}

/** Errors are the picture, not a tint of it. */
const LEAST_ERROR_FILL = 0.5;

/** The sheets of one panel's slices, lowest first; the same list while nothing about them changes. */
export function useSheets(key: string, slices: Slices, { volumes, paints, errors, errorPaints }: SharedSlices, { window, fill }: SliceLook): readonly Sheet[] {
  const image = volumes.of(slices.imageUrl);
  const labels = volumes.of(slices.labelUrls[key]);
  const wrong = errors.get(key)?.volume ?? null;
  const overlays = (slices.overlays ?? []).map((overlay) => ({ overlay, volume: volumes.of(overlay.urls[key]) }));
  const there = overlays.filter(({ volume }) => volume !== null);
  return React.useMemo(
    () => [
      ...(image === null ? [] : [imageSheet(image, window)]),
      ...there.map(({ overlay, volume }) => overlaySheet(volume!, overlay)),
      ...(wrong !== null ? [paintedSheet("errors", wrong, errorPaints, Math.max(fill, LEAST_ERROR_FILL))] : []),
      ...(wrong === null && labels !== null ? [paintedSheet("labels", labels, paints, fill)] : []),
    ],
    [image, labels, wrong, paints, errorPaints, fill, window.join(), JSON.stringify(there.map(({ overlay }) => overlay)), key],
  );
}
