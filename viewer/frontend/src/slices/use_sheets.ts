import * as React from "react";
import type { Slices } from "../props";
import { imageSheet, overlaySheet, paintedSheet, type Sheet } from "./sheets";
import type { SharedSlices } from "./use_slices";

const FILL_OPACITY = 0.3;

/** The sheets of one panel's slices, lowest first; the same list while nothing about them changes. */
export function useSheets(key: string, slices: Slices, { volumes, paints }: SharedSlices): readonly Sheet[] {
  const image = volumes.of(slices.imageUrl);
  const labels = volumes.of(slices.labelUrls[key]);
  const overlays = (slices.overlays ?? []).map((overlay) => ({ overlay, volume: volumes.of(overlay.urls[key]) }));
  const there = overlays.filter(({ volume }) => volume !== null);
  const window = slices.window ?? [0, 255];
  return React.useMemo(
    () => [
      ...(image === null ? [] : [imageSheet(image, window)]),
      ...there.map(({ overlay, volume }) => overlaySheet(volume!, overlay)),
      ...(labels === null ? [] : [paintedSheet("labels", labels, paints, FILL_OPACITY)]),
    ],
    [image, labels, paints, window.join(), JSON.stringify(there.map(({ overlay }) => overlay)), key],
  );
}
