import { add, scale, type Vec3 } from "./vec3";

/**
 * Where the camera stands: on a sphere about `target`, head up, never rolled.
 *
 * Azimuth 0 looks from the front (anterior), 90 from the patient's right, 180 from behind, -90 from the left;
 * elevation 90 from above, -90 from below; both in degrees. Zoom 1 shows the whole subject, 2 half of it.
 */
export interface Orbit {
  readonly azimuth: number;
  readonly elevation: number;
  readonly zoom: number;
  readonly target: Vec3;
}

/** Where a camera stands, which without a target looks at the middle of its subject. */
export type CameraStand = Omit<Orbit, "target"> & { readonly target?: Vec3 };

/** Where the cameras stand; `own` are panels, by key, whose camera stands apart from the others'. */
export type CameraStands = CameraStand & { readonly own?: Readonly<Record<string, CameraStand>> };

/** The camera's axes: unit vectors to the screen's right, its top, and from the target to the eye. */
export interface Basis {
  readonly right: Vec3;
  readonly up: Vec3;
  readonly toEye: Vec3;
}

const ZOOM_LIMITS: readonly [number, number] = [0.4, 40];
const clamp = (value: number, [low, high]: readonly [number, number]) => Math.min(high, Math.max(low, value));
/** Within -180 and 180; to a millionth, so that going there and back again is exactly nothing. */
const wrapped = (degrees: number) => Math.round((((((degrees + 180) % 360) + 360) % 360) - 180) * 1e6) / 1e6;

/** Defined at the poles too, where a look-at matrix with a fixed up vector breaks down. */
export function basisOf(orbit: Orbit): Basis {
  const a = (orbit.azimuth * Math.PI) / 180;
  const e = (orbit.elevation * Math.PI) / 180;
  const [sa, ca, se, ce] = [Math.sin(a), Math.cos(a), Math.sin(e), Math.cos(e)];
  return { right: [-ca, sa, 0], up: [-se * sa, -se * ca, ce], toEye: [ce * sa, ce * ca, se] };
}

/** Dragging to the right turns the subject to the right, dragging up shows more of it from below. */
export function turned(orbit: Orbit, rightDegrees: number, upDegrees: number): Orbit {
  return {
    ...orbit,
    azimuth: wrapped(orbit.azimuth + rightDegrees),
    elevation: clamp(orbit.elevation - upDegrees, [-90, 90]),
  };
}

/** Zoomed by a factor; the point `anchor` of the target's plane (mm from the target, right and up) stays in place. */
export function zoomed(orbit: Orbit, factor: number, anchor: readonly [number, number] = [0, 0]): Orbit {
  const zoom = clamp(orbit.zoom * factor, ZOOM_LIMITS);
  const shift = 1 - orbit.zoom / zoom;
  return { ...moved(orbit, -anchor[0] * shift, -anchor[1] * shift), zoom };
}

/** The subject moved by millimetres to the screen's right and top. */
export function moved(orbit: Orbit, rightMm: number, upMm: number): Orbit {
  const { right, up } = basisOf(orbit);
  return { ...orbit, target: add(orbit.target, add(scale(right, -rightMm), scale(up, -upMm))) };
}

/** On the way from one orbit to another, the short way round; 0 gives the first, 1 the second. */
export function between(from: Orbit, to: Orbit, share: number): Orbit {
  const mix = (a: number, b: number) => a + (b - a) * share;
  return {
    azimuth: wrapped(from.azimuth + wrapped(to.azimuth - from.azimuth) * share),
    elevation: mix(from.elevation, to.elevation),
    zoom: Math.exp(mix(Math.log(from.zoom), Math.log(to.zoom))),
    target: [0, 1, 2].map((axis) => mix(from.target[axis], to.target[axis])) as unknown as Vec3,
  };
}

/** Whether two orbits show the same picture, to a thousandth of a degree, of the zoom and of a millimetre. */
export function isSameOrbit(a: Orbit, b: Orbit): boolean {
  const pairs = [[wrapped(a.azimuth - b.azimuth), 0], [a.elevation, b.elevation], [a.zoom, b.zoom]];
  return [...pairs, ...a.target.map((value, axis) => [value, b.target[axis]])].every(([x, y]) => Math.abs(x - y) < 1e-3);
}
