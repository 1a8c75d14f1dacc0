import { Color, Vector3, Vector4, type IUniform } from "three";
import type { Vec3 } from "../maths/vec3";
import { UNCUT } from "./cut";

export type Theme = "dark" | "light";

/** What all materials of a stage share; a theme change is a write here. */
export interface Look {
  readonly fog: IUniform<Color>;
  readonly ambient: IUniform<number>;
  readonly key: IUniform<number>;
  readonly shade: IUniform<Color>;
  readonly rim: IUniform<Color>;
  readonly brain: IUniform<Color>;
  readonly brainRim: IUniform<number>;
  readonly brainFill: IUniform<number>;
  /** How thick translucent tissue looks: 1 as its solidity says, 2 as two layers of it. */
  readonly thickness: IUniform<number>;
  readonly highlight: IUniform<Color>;
  /** Nearest and farthest depth of the subject, mm from the eye. */
  readonly depth: IUniform<Vector3>;
  /** The plane n . p = d that cuts away what lies beyond it, mm: n, d. */
  readonly cut: IUniform<Vector4>;
  /** Five colours of a distance, from far inside the reference to far outside; linear. */
  readonly stops: IUniform<Color[]>;
  /** The distance of the outermost colours, mm. */
  readonly endMm: IUniform<number>;
}

const THEMES: Readonly<Record<Theme, { [K in Exclude<keyof Look, "depth" | "cut" | "stops" | "endMm">]: Vec3 | number }>> = {
  dark: {
    fog: [0.055, 0.075, 0.1],
    ambient: 0.4,
    key: 0.98,
    shade: [0.62, 0.6, 0.75],
    rim: [0.75, 0.86, 1],
    brain: [0.7, 0.79, 0.9],
    brainRim: 0.62,
    brainFill: 0.1,
    thickness: 1.35,
    highlight: [1, 1, 1],
  },
  light: {
    fog: [0.93, 0.945, 0.965],
    ambient: 0.6,
    key: 0.62,
    shade: [0.92, 0.82, 0.95],
    rim: [1, 1, 1],
    brain: [0.27, 0.34, 0.44],
    brainRim: 0.66,
    brainFill: 0.07,
    thickness: 1.9,
    highlight: [0.05, 0.07, 0.12],
  },
};

/** The look of a theme, as uniforms. */
export function look(theme: Theme): Look {
  const uniforms: Record<string, IUniform> = { depth: { value: new Vector3(0, 1, 0) }, cut: { value: new Vector4(...UNCUT) }, stops: { value: Array.from({ length: 5 }, () => new Color()) }, endMm: { value: 1 } };
  for (const [name, value] of Object.entries(THEMES[theme])) uniforms[name] = { value: typeof value === "number" ? value : new Color(...value) };
  return uniforms as unknown as Look;
}

/** Put on another theme in place. */
export function changeLook(current: Look, theme: Theme): void {
  for (const [name, value] of Object.entries(THEMES[theme])) {
    const uniform = current[name as keyof Look] as IUniform;
    uniform.value = typeof value === "number" ? value : new Color(...value);
  }
}
