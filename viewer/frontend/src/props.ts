import type { CameraStands } from "./maths/orbit";
import type { Affine } from "./maths/coordinates";
import type { Convention } from "./maths/presets";
import type { Vec3 } from "./maths/vec3";

/** One panel: a source of label maps. */
export interface Panel {
  key: string;
  title: string;
  subtitle?: string | null;
  /** GLB with one node a label; null where this source has no volume of the case. */
  meshUrl: string | null;
  /** Said in the panel instead of a drawing. */
  note?: string | null;
  exportUrl?: string | null;
}

export interface Label {
  name: string;
  title: string;
  value: number;
  colour: string;
}

export type Plane = "axial" | "coronal" | "sagittal";

/** A field of numbers over the slices: probabilities, a network's response. */
export interface Overlay {
  title: string;
  /** By panel: uint8 on the case's grid, 0 nowhere, 1 to 255 from `low` to `high`; null where a panel has none. */
  urls: Record<string, string | null>;
  /** "#rrggbb" from the low end to the high end, evenly apart; at least two. */
  colours: string[];
  low: number;
  high: number;
  unit?: string;
  /** 0 to 1; 0.6 where it is absent. */
  opacity?: number;
  /** Shares of `opacity` from the low end to the high end, evenly apart; all of it where they are absent. */
  opacities?: number[];
}

/** Volumes of the case: uint8, x fastest, RAS canonical. */
export interface Slices {
  /** The case they belong to. */
  case: string;
  shape: [number, number, number];
  affine: Affine;
  /** Index in the files, as the results count voxels, to mm; `affine` where it is absent. */
  fileAffine?: Affine;
  imageUrl?: string | null;
  labelUrls: Record<string, string | null>;
  /** Laid between image and labels, in this order. */
  overlays?: Overlay[];
  contrast?: string | null;
  plane?: Plane;
  convention?: Convention;
  /** Lowest and highest grey value shown, 0 to 255. */
  window?: [number, number] | null;
  /** Where the intensities of the grey values' ends are to be had. */
  scaleUrl?: string | null;
  /** How the image's grey values were chosen, in words. */
  greys?: string;
  /** Opacity of labels over the image, 0 to 1; 0.3 where it is absent. */
  fill?: number;
  /** The ends of the ruler, x, y, z of one and of the other; mm. */
  ruler?: [number, number, number, number, number, number] | null;
}

/** What is shown instead of labels: each method against the reference, in one region. */
export interface Comparison {
  /** The case it belongs to. */
  case: string;
  show: "errors" | "distance";
  region: string;
  /** Label values of the region. */
  members: number[];
  /** Key of the reference's panel. */
  reference: string;
  /** Kinds of voxels, by their value in an error map; see analysis/error_classes.py. */
  classes: Label[];
  /** Colours of a distance from far inside the reference to far outside. */
  stops: string[];
  /** GLB by panel; null where there is nothing to compare. */
  urls: Record<string, string | null>;
}

/** A component, as numbered in the panel it was chosen in. */
export interface Selection {
  case: string | null;
  panel?: string;
  label: string;
  component: number;
  mm?: Vec3;
  /** Of one that a hand has picked: no two are alike, be it the same component. */
  nonce?: number;
}

export interface Status {
  state: "loading" | "ready" | "error" | "lost";
  case: string | null;
  message: string;
  frames: number;
}

export interface CaseStageProps {
  id?: string;
  caseKey?: string | null;
  panels?: Panel[];
  brainUrl?: string | null;
  labels?: Label[];
  layers?: Record<string, boolean>;
  view?: { preset: string; nonce?: number | string } | null;
  camera?: CameraStands | null;
  theme?: "dark" | "light";
  slices?: Slices | null;
  cursor?: Vec3 | null;
  selection?: Selection | null;
  /** Whether all but the selected component and its counterparts is hidden. */
  isolated?: boolean;
  linked?: boolean;
  maximized?: string | null;
  /** Keys of the panels on the stage in their order; empty or absent shows all. */
  order?: string[] | null;
  /** By label, 0 to 1; others are as solid as their tissue is by default. */
  opacity?: Record<string, number>;
  comparison?: Comparison | null;
  isCut?: boolean;
  /** What a control of the stage changed: names of the address and their values, null for the default. */
  changes?: { values: Record<string, string | number | null>; nonce: number };
  status?: Status;
  setProps?: (changes: Partial<CaseStageProps>) => void;
}
