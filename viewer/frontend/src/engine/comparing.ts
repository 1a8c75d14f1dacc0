import { Color } from "three";
import { linearOfSrgb, rgbOfHex } from "../maths/colours";
import { scaleEndMm } from "../maths/distance_scale";
import type { Comparison, Label } from "../props";
import { Downloads } from "./downloads";
import { wishFor } from "./coarseness";
import { DISTANCE } from "./prepare";
import type { Look } from "./look";
import type { PanelScene } from "./panel_scene";
import type { Surface } from "./surface";

/** The lowest and highest distance on a panel's surface, mm. */
export type Extent = readonly [low: number, high: number];

interface House {
  readonly look: Look;
  panel(key: string): PanelScene | undefined;
  /** Something arrived, failed or is no longer waited for. */
  changed(): void;
}

/** Fetches what the panels show instead of labels, and keeps one scale of distances for all of them. */
export class Comparing {
  readonly faults = new Map<string, string>();
  /** By panel; only where there are distances. */
  readonly extents = new Map<string, Extent>();
  /** The end of the common scale, mm. */
  endMm = 1;
  private readonly downloads: Downloads;
  private readonly arrived = new Set<string>();
  private now: Comparison | null = null;

  constructor(private readonly house: House) {
    this.downloads = new Downloads({
      arrived: (key, { surfaces }) => this.show(key, surfaces),
      failed: (key, sentence) => {
        this.faults.set(key, sentence);
        house.changed();
      },
      settled: () => house.changed(),
    }, () => wishFor("tissue", false));
  }

  get isBusy(): boolean {
    return this.downloads.isBusy;
  }

  /** Whether a panel waits for nothing. */
  isShown(key: string): boolean {
    return !(this.now?.urls[key] ?? null) || this.arrived.has(key) || this.faults.has(key);
  }

  /** Compare these panels with the reference, or with null show their labels again. */
  open(comparison: Comparison | null, keys: readonly string[]): void {
    this.now = comparison;
    this.faults.clear();
    for (const key of keys) {
      const url = comparison?.urls[key] ?? null;
      if (this.downloads.addressOf(key) !== url) this.forget(key);
      this.house.panel(key)?.compare(url !== null);
      this.downloads.ask(key, url);
    }
    if (comparison !== null) this.house.look.stops.value = comparison.stops.map((stop) => new Color(...linearOfSrgb(rgbOfHex(stop))));
    this.rescale();
    this.house.changed();
  }

  /** Ask again for what could not be had. */
  retry(): void {
    if (this.now !== null) this.open(this.now, [...this.faults.keys()]);
  }

  /** Forget a panel that leaves the stage. */
  close(key: string): void {
    this.downloads.forget(key);
    this.forget(key);
  }

  dispose(): void {
    this.downloads.forgetAll();
  }

  private forget(key: string): void {
    this.arrived.delete(key);
    this.extents.delete(key);
    this.house.panel(key)?.comparison.clear();
  }

  private show(key: string, surfaces: Surface[]): void {
    const panel = this.house.panel(key);
    if (this.now === null || panel === undefined) return;
    const distance: Label = { name: "distance", title: "distance", value: 1, colour: "#ffffff" };
    panel.comparison.show(surfaces, this.now.show === "errors" ? this.now.classes : [distance]);
    this.arrived.add(key);
    const extent = extentOf(surfaces);
    if (extent !== null) this.extents.set(key, extent);
    this.rescale();
    this.house.changed();
  }

  private rescale(): void {
    this.endMm = scaleEndMm([...this.extents.values()].flat());
    this.house.look.endMm.value = this.endMm;
  }
}

function extentOf(surfaces: readonly Surface[]): Extent | null {
  const values = surfaces.flatMap(({ geometry }) => geometry.getAttribute(DISTANCE)?.array ?? []);
  if (values.length === 0) return null;
  let [low, high] = [Infinity, -Infinity];
  for (const numbers of values) {
    for (const value of numbers) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return [low, high];
}
