import { Box3, Sphere, Vector3 } from "three";
import { mmPerPixel } from "../maths/fit";
import { between, isSameOrbit, moved, turned, zoomed, type CameraStand, type CameraStands, type Orbit } from "../maths/orbit";
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
  /** A hand moved a camera. */
  moved(): void;
}

const withoutTarget = ({ azimuth, elevation, zoom }: CameraStand): CameraStand => ({ azimuth, elevation, zoom });

/**
 * Where every view looks from: one orbit for all, and those of the panels that stand apart while they are not linked.
 * What all share goes with the panel that a hand moved last, so linking joins the others to it.
 */
export class Cameras {
  subject: Subject | null = null;
  private shared: Orbit = { azimuth: -52, elevation: 22, zoom: 1, target: [0, 0, 0] };
  private isCentred = true;
  private isLinked = true;
  private apart = new Map<string, CameraStand>();
  private endFlight: (() => void) | null = null;

  constructor(private readonly house: CameraHouse) {}

  /** The orbit of a panel. */
  orbitOf(key: string): Orbit {
    const own = this.apart.get(key);
    return own === undefined ? this.shared : this.orbitAt(own);
  }

  link(isLinked: boolean): void {
    if (isLinked && !this.isLinked) this.apart.clear();
    this.isLinked = isLinked;
    this.arrange();
  }

  /** Where the cameras stand; without a target while the subject has never been moved out of the middle. */
  get stand(): CameraStands {
    return this.apart.size === 0 ? this.sharedStand : { ...this.sharedStand, own: Object.fromEntries(this.apart) };
  }

  /** Keep the subject in the middle until a hand moves it; the first subject stays where a link wants it. */
  centre(): void {
    if (this.subject === null) return;
    this.isCentred = true;
    for (const [key, own] of this.apart) this.apart.set(key, withoutTarget(own));
  }

  /** Look at what a box holds. */
  lookAt(box: Box3): void {
    if (box.isEmpty()) return;
    const { center } = box.getBoundingSphere(new Sphere());
    const size = box.getSize(new Vector3());
    this.subject = { centre: [center.x, center.y, center.z], radiusMm: (Math.max(size.x, size.y, size.z) / 2) * 1.14 };
    if (this.isCentred) this.shared = { ...this.shared, target: this.subject.centre };
    this.arrange();
  }

  /**
   * Move the cameras to an orbit; without a target they look at the subject's centre. A flight that a hand began is
   * told of when it has arrived.
   */
  fly(to: CameraStands, isInstant: boolean, isByHand = false): void {
    this.stop();
    const { own = {}, ...stand } = to;
    const goal = this.orbitAt(stand);
    const from = new Map([...this.house.views].map(([key, { orbit }]) => [key, orbit]));
    const start = this.shared;
    this.isCentred = to.target === undefined;
    this.apart = new Map(Object.entries(own));
    const go = (share: number) => {
      this.shared = share === 1 ? goal : between(start, goal, share);
      for (const [key, view] of this.house.views) view.orbit = share === 1 ? this.orbitOf(key) : between(from.get(key) ?? start, own[key] === undefined ? goal : this.orbitOf(key), share);
      this.house.request();
    };
    if (isInstant || this.subject === null) return go(1);
    const { dataset } = this.house.root;
    dataset["moving"] = "true";
    this.endFlight = flight(go, () => {
      this.endFlight = null;
      delete dataset["moving"];
      if (isByHand) this.house.moved();
    });
  }

  /** Have a view turn about a point, and the others with it where they are linked. */
  aim(key: string, target: Orbit["target"]): void {
    if (!this.isLinked) this.part(key);
    this.flyByHand({ ...this.stand, target });
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
    this.byHand(key, (orbit) => turned(orbit, dx * DEGREES_PER_PIXEL, -dy * DEGREES_PER_PIXEL), true);
  }

  move(key: string, dx: number, dy: number): void {
    const mm = this.mmPerPixel(key);
    this.byHand(key, (orbit) => moved(orbit, dx * mm, -dy * mm), false);
  }

  /** Zoom by a factor about a point of a view, CSS pixels from its top left. */
  zoom(key: string, factor: number, x: number, y: number): void {
    const [width, height] = this.house.sizeOf(key);
    const mm = this.mmPerPixel(key);
    this.byHand(key, (orbit) => zoomed(orbit, factor, [(x - width / 2) * mm, (height / 2 - y) * mm]), false);
  }

  /** Break off a flight where it is. */
  stop(): void {
    this.endFlight?.();
  }

  private get sharedStand(): CameraStand {
    return this.isCentred ? withoutTarget(this.shared) : this.shared;
  }

  private orbitAt(stand: CameraStand): Orbit {
    return { ...stand, target: stand.target ?? this.subject?.centre ?? this.shared.target };
  }

  /** Have the shared camera go with one panel while the others stay where they are. */
  private part(key: string): void {
    for (const other of this.house.views.keys()) if (!this.apart.has(other)) this.apart.set(other, this.sharedStand);
    const own = this.apart.get(key)!;
    this.apart.delete(key);
    this.isCentred = own.target === undefined;
    this.shared = this.orbitAt(own);
  }

  private arrange(): void {
    for (const [key, view] of this.house.views) view.orbit = this.orbitOf(key);
    this.house.request();
  }

  private flyByHand(to: CameraStands): void {
    const isInstant = isStillnessPreferred() || this.subject === null;
    this.fly(to, isInstant, true);
    if (isInstant) this.house.moved();
  }

  private byHand(key: string, change: (orbit: Orbit) => Orbit, keepsMiddle: boolean): void {
    const view = this.house.views.get(key);
    if (view === undefined || this.subject === null) return;
    this.stop();
    const orbit = change(view.orbit);
    if (isSameOrbit(orbit, view.orbit)) return;
    if (!this.isLinked) this.part(key);
    this.isCentred &&= keepsMiddle;
    this.shared = orbit;
    this.arrange();
    this.house.moved();
  }

  private mmPerPixel(key: string): number {
    return mmPerPixel(this.house.views.get(key)?.distanceMm ?? 1, this.house.sizeOf(key)[1]);
  }
}
