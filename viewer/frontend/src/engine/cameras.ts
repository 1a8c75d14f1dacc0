import { Box3, Sphere, Vector3 } from "three";
import { mmPerPixel } from "../maths/fit";
import { isSameOrbit, moved, turned, zoomed, type CameraStand, type Orbit } from "../maths/orbit";
import type { Subject } from "./camera";
import { flight } from "./flight";
import type { View } from "./view";

const DEGREES_PER_PIXEL = 0.42;

/** Whether people asked their system for less motion. */
export const isStillnessPreferred = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** What the cameras need of the stage. */
export interface CameraHouse {
  readonly root: HTMLElement;
  readonly views: ReadonlyMap<string, View>;
  /** Width and height of a view, CSS pixels. */
  sizeOf(key: string): readonly [number, number];
  /** Draw at the next occasion. */
  request(): void;
  /** A hand moved the camera of a view. */
  moved(orbit: Orbit): void;
}

/** Where every view looks from: one orbit for all while they are linked, else one each. */
export class Cameras {
  subject: Subject | null = null;
  private shared: Orbit = { azimuth: -52, elevation: 22, zoom: 1, target: [0, 0, 0] };
  private isCentred = true;
  private isLinked = true;
  private endFlight: (() => void) | null = null;

  constructor(private readonly house: CameraHouse) {}

  /** The orbit of a view, or that of the views in common. */
  orbitOf(key: string | null): Orbit {
    return (key !== null && this.house.views.get(key)?.orbit) || this.shared;
  }

  link(isLinked: boolean): void {
    if (isLinked && !this.isLinked) for (const view of this.house.views.values()) view.orbit = this.shared;
    this.isLinked = isLinked;
    this.house.request();
  }

  /** Where the cameras stand; without a target while the subject has never been moved out of the middle. */
  get stand(): CameraStand {
    const { target, ...side } = this.shared;
    return this.isCentred ? side : { ...side, target };
  }

  /** Keep the subject in the middle until a hand moves it; the first subject stays where a link wants it. */
  centre(): void {
    if (this.subject !== null) this.isCentred = true;
  }

  /** Look at what a box holds. */
  lookAt(box: Box3): void {
    if (box.isEmpty()) return;
    const { center } = box.getBoundingSphere(new Sphere());
    const size = box.getSize(new Vector3());
    this.subject = { centre: [center.x, center.y, center.z], radiusMm: (Math.max(size.x, size.y, size.z) / 2) * 1.14 };
    if (this.isCentred) this.orbitAll({ ...this.shared, target: this.subject.centre });
  }

  /**
   * Move the cameras to an orbit; without a target they look at the subject's centre. A flight that a hand began is
   * told of when it has arrived.
   */
  fly(to: CameraStand, isInstant: boolean, isByHand = false): void {
    this.stop();
    this.isCentred = to.target === undefined;
    const goal: Orbit = { ...to, target: to.target ?? this.subject?.centre ?? this.shared.target };
    if (isInstant || this.subject === null) return this.orbitAll(goal);
    const { dataset } = this.house.root;
    dataset["moving"] = "true";
    this.endFlight = flight(this.shared, goal, (orbit) => this.orbitAll(orbit), () => {
      delete dataset["moving"];
      if (isByHand) this.house.moved(this.shared);
    });
  }

  /** Have a box fill the views, seen from where they look now. */
  fit(box: Box3): void {
    if (box.isEmpty() || this.subject === null) return;
    const { center, radius } = box.getBoundingSphere(new Sphere());
    this.flyByHand({ ...this.shared, target: [center.x, center.y, center.z], zoom: this.subject.radiusMm / radius });
  }

  /** Show the whole subject again, from where the views look now. */
  whole(): void {
    const { azimuth, elevation } = this.shared;
    this.flyByHand({ azimuth, elevation, zoom: 1 });
  }

  turn(key: string, dx: number, dy: number): void {
    this.byHand(key, (orbit) => turned(orbit, dx * DEGREES_PER_PIXEL, -dy * DEGREES_PER_PIXEL));
  }

  move(key: string, dx: number, dy: number): void {
    const mm = this.mmPerPixel(key);
    this.isCentred = false;
    this.byHand(key, (orbit) => moved(orbit, dx * mm, -dy * mm));
  }

  /** Zoom by a factor about a point of a view, CSS pixels from its top left. */
  zoom(key: string, factor: number, x: number, y: number): void {
    const [width, height] = this.house.sizeOf(key);
    const mm = this.mmPerPixel(key);
    this.isCentred = false;
    this.byHand(key, (orbit) => zoomed(orbit, factor, [(x - width / 2) * mm, (height / 2 - y) * mm]));
  }

  /** Break off a flight where it is. */
  stop(): void {
    this.endFlight?.();
  }

  private orbitAll(orbit: Orbit): void {
    this.shared = orbit;
    for (const view of this.house.views.values()) view.orbit = orbit;
    this.house.request();
  }

  private flyByHand(to: CameraStand): void {
    const isInstant = isStillnessPreferred() || this.subject === null;
    this.fly(to, isInstant, true);
    if (isInstant) this.house.moved(this.shared);
  }

  private byHand(key: string, change: (orbit: Orbit) => Orbit): void {
    const view = this.house.views.get(key);
    if (view === undefined || this.subject === null) return;
    this.stop();
    const orbit = change(view.orbit);
    if (isSameOrbit(orbit, view.orbit)) return;
    if (this.isLinked) this.orbitAll(orbit);
    else this.shared = view.orbit = orbit;
    this.house.request();
    this.house.moved(orbit);
  }

  private mmPerPixel(key: string): number {
    return mmPerPixel(this.house.views.get(key)?.distanceMm ?? 1, this.house.sizeOf(key)[1]);
  }
}
