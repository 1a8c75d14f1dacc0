import type { Orbit } from "./orbit";

/** Which side of the patient the screen's left shows: the patient's right (radiological) or left (neurological). */
export type Convention = "radiological" | "neurological";

type Stand = Pick<Orbit, "azimuth" | "elevation">;

const STANDS: Readonly<Record<string, Stand>> = {
  oblique: { azimuth: -52, elevation: 22 },
  anterior: { azimuth: 0, elevation: 0 },
  posterior: { azimuth: 180, elevation: 0 },
  left: { azimuth: -90, elevation: 0 },
  right: { azimuth: 90, elevation: 0 },
  superior: { azimuth: 180, elevation: 90 },
  inferior: { azimuth: 0, elevation: -90 },
};

const SLICE_LIKE: Readonly<Record<string, Readonly<Record<Convention, string>>>> = {
  axial: { radiological: "inferior", neurological: "superior" },
  coronal: { radiological: "anterior", neurological: "posterior" },
  sagittal: { radiological: "left", neurological: "left" },
  "sagittal-left": { radiological: "left", neurological: "left" },
  "sagittal-right": { radiological: "right", neurological: "right" },
};

/**
 * Where the camera stands for a named view; null for a name that is none.
 *
 * Named after a slice plane it shows the same side on the same side as slices of that convention do,
 * so axial is seen from the feet in radiological use.
 */
export function preset(name: string, convention: Convention = "radiological"): Stand | null {
  return STANDS[SLICE_LIKE[name]?.[convention] ?? name] ?? null;
}
