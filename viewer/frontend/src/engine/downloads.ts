import { loadSurfaces, type Loaded } from "./load_surfaces";
import type { Wish } from "./prepare";
import { dispose } from "./surface";

export interface Receiver {
  /** A key's file has arrived. */
  arrived(key: string, loaded: Loaded): void;
  /** A key's file could not be had; the sentence says why. */
  failed(key: string, sentence: string): void;
  /** Nothing is under way any more. */
  settled(): void;
}

/** Keeps each key's surfaces those of the address last asked for; an overtaken download is aborted. */
export class Downloads {
  private readonly running = new Map<string, AbortController>();
  private readonly addresses = new Map<string, string>();

  constructor(private readonly receiver: Receiver, private readonly wishFor: (key: string) => Wish) {}

  get isBusy(): boolean {
    return this.running.size > 0;
  }

  addressOf(key: string): string | null {
    return this.addresses.get(key) ?? null;
  }

  /** Ask for a key's file; null only forgets it. Asking again for the same address does nothing. */
  ask(key: string, url: string | null): void {
    if (this.addressOf(key) === url) return;
    this.forget(key);
    if (url === null) return;
    this.addresses.set(key, url);
    void this.download(key, url);
  }

  /** Abort a key's download, if any, and forget its address. */
  forget(key: string): void {
    this.running.get(key)?.abort();
    this.running.delete(key);
    this.addresses.delete(key);
  }

  forgetAll(): void {
    for (const key of [...this.addresses.keys()]) this.forget(key);
  }

  private async download(key: string, url: string): Promise<void> {
    const controller = new AbortController();
    this.running.set(key, controller);
    try {
      const loaded = await loadSurfaces(url, this.wishFor(key), controller.signal);
      if (controller.signal.aborted) return loaded.surfaces.forEach(dispose);
      this.receiver.arrived(key, loaded);
    } catch (fault) {
      if (controller.signal.aborted) return;
      this.addresses.delete(key);
      this.receiver.failed(key, fault instanceof Error ? fault.message : String(fault));
    }
    this.running.delete(key);
    if (!this.isBusy) this.receiver.settled();
  }
}
