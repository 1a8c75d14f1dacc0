/** Keeps what was used last, up to a number of bytes. */
export class Kept<Value> {
  private readonly entries = new Map<string, readonly [value: Value, bytes: number]>();
  private bytes = 0;

  constructor(private readonly most: number) {}

  /** What is kept under a key, which is now the last used; null where nothing is. */
  get(key: string): Value | null {
    const found = this.entries.get(key);
    if (found === undefined) return null;
    this.entries.delete(key);
    this.entries.set(key, found);
    return found[0];
  }

  /** Keep a value of this many bytes, and let go of what was not used for the longest time. */
  keep(key: string, value: Value, bytes: number): void {
    this.forget(key);
    this.entries.set(key, [value, bytes]);
    this.bytes += bytes;
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.most || oldest === key) return;
      this.forget(oldest);
    }
  }

  private forget(key: string): void {
    this.bytes -= this.entries.get(key)?.[1] ?? 0;
    this.entries.delete(key);
  }
}
