/** How much finer than the screen a still picture is drawn where nothing smooths edges while drawing. */
export const STILL_FINENESS = 2;
const STILL_AFTER_MS = 250;

/** When to draw: once however often it is asked for; if `isRough`, once more and finer when the picture stands still. */
export class Frames {
  private frame = 0;
  private timer = 0;

  constructor(private readonly draw: (fineness: number) => void, private readonly isRough: boolean) {}

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
    if (this.isRough) this.timer = window.setTimeout(() => this.draw(STILL_FINENESS), STILL_AFTER_MS);
    this.draw(1);
  }
}
