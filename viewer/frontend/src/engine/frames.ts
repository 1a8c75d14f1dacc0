/** Somebody who steps from case to case does not wait for finer pictures in between. */
const STILL_AFTER_MS = 400;

/** When to draw: once however often it is asked for; if drawing is slow, roughly, and once more when the picture stands still. */
export class Frames {
  private frame = 0;
  private timer = 0;

  constructor(private readonly draw: (isRough: boolean) => void, private readonly isSlow: boolean) {}

  request(): void {
    window.clearTimeout(this.timer);
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.next());
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    window.clearTimeout(this.timer);
  }

  private next(): void {
    this.frame = 0;
    // first the timer: drawing may ask for another frame, which must stop it
    if (this.isSlow) this.timer = window.setTimeout(() => this.draw(false), STILL_AFTER_MS);
    this.draw(this.isSlow);
  }
}
