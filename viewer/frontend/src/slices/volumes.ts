import { fetchPatiently } from "../engine/fetch_patiently";
import { restored } from "../maths/residuals";
import type { Vec3 } from "../maths/vec3";

/** How the address of a volume ends that comes as residuals. */
const PACKED = /\.r8(\?|$)/;

/** Fetches uint8 volumes by address, each once, and forgets what is no longer wanted. */
export class Volumes {
  readonly faults = new Map<string, string>();
  private readonly loaded = new Map<string, Uint8Array>();
  private readonly running = new Map<string, AbortController>();

  /** `changed` is called when a volume has arrived or failed. */
  constructor(private readonly changed: () => void) {}

  get isBusy(): boolean {
    return this.running.size > 0;
  }

  /** The volume of an address; null while it is not there. */
  of(url: string | null | undefined): Uint8Array | null {
    return (url && this.loaded.get(url)) || null;
  }

  /** Want exactly these addresses, each a volume of this shape. */
  want(urls: readonly string[], shape: Vec3): void {
    for (const [url, controller] of this.running) if (!urls.includes(url)) controller.abort();
    for (const known of [this.loaded, this.running, this.faults]) for (const url of [...known.keys()]) if (!urls.includes(url)) known.delete(url);
    for (const url of urls) if (!this.loaded.has(url) && !this.running.has(url)) void this.download(url, shape);
  }

  private async download(url: string, shape: Vec3): Promise<void> {
    const voxels = shape[0] * shape[1] * shape[2];
    const controller = new AbortController();
    this.running.set(url, controller);
    this.faults.delete(url);
    try {
      const response = await fetchPatiently(url, controller.signal);
      if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
      const volume = new Uint8Array(await response.arrayBuffer());
      if (volume.length !== voxels) throw new Error(`${url}: ${volume.length} voxels, expected ${voxels}`);
      if (controller.signal.aborted) return;
      this.loaded.set(url, PACKED.test(url) ? restored(volume, shape) : volume);
    } catch (fault) {
      if (controller.signal.aborted) return;
      this.faults.set(url, fault instanceof Error ? fault.message : String(fault));
    }
    this.running.delete(url);
    this.changed();
  }
}
