import * as React from "react";
import { errorVolume, type ErrorVolume } from "../maths/error_classes";
import type { Comparison, Panel, Slices } from "../props";
import type { Volumes } from "./volumes";

interface Known {
  readonly reference: Uint8Array;
  readonly members: string;
  readonly found: ErrorVolume;
}

/** The errors of every panel whose volumes have arrived, by panel; empty while errors are not shown. */
export function useErrors(comparison: Comparison | null, slices: Slices | null, panels: readonly Panel[], volumes: Volumes): ReadonlyMap<string, ErrorVolume> {
  const known = React.useRef(new WeakMap<Uint8Array, Known>());
  if (comparison?.show !== "errors" || slices === null) return NONE;
  const reference = volumes.of(slices.labelUrls[comparison.reference]);
  const errors = new Map<string, ErrorVolume>();
  for (const { key } of panels) {
    const prediction = volumes.of(slices.labelUrls[key]);
    if (key === comparison.reference || reference === null || prediction === null) continue;
    errors.set(key, errorsOf(known.current, reference, prediction, comparison.members));
  }
  return errors;
}

const NONE: ReadonlyMap<string, ErrorVolume> = new Map();

/** Worked out once a pair of volumes and region: it reads every voxel. */
function errorsOf(known: WeakMap<Uint8Array, Known>, reference: Uint8Array, prediction: Uint8Array, members: readonly number[]): ErrorVolume {
  const before = known.get(prediction);
  if (before !== undefined && before.reference === reference && before.members === members.join()) return before.found;
  const found = errorVolume(reference, prediction, members);
  known.set(prediction, { reference, members: members.join(), found });
  return found;
}
