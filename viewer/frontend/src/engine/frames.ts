/** Somebody who steps from case to case does not wait for finer pictures in between. */
const STILL_AFTER_MS = 400;
/** And what a hand has just asked for, perhaps another case, comes first. */
const STILL_AFTER_HAND_MS = 1000;

/** When to draw: once however often it is asked for; if drawing is slow, roughly, and once more when the picture stands still. */
export class Frames {
  private frame = 0;
  private timer = 0;
  private notBefore = 0;

  constructor(private readonly draw: (isRough: boolean) => void, private readonly isSlow: boolean) {}

  request(): void {
    this.forgetTimer();
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.next());
  }

  /** Have a finer picture, due already or not, wait for what somebody does now. */
  postpone(): void {
    this.notBefore = performance.now() + STILL_AFTER_HAND_MS;
    if (this.timer !== 0) this.drawFinelyLater();
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.forgetTimer();
  }

  private next(): void {
    this.frame = 0;
    // first the timer: drawing may ask for another frame, which must stop it
    if (this.isSlow) this.drawFinelyLater();
    this.draw(this.isSlow);
  }

  private drawFinelyLater(): void {
    this.forgetTimer();
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.draw(false);
    }, Math.max(STILL_AFTER_MS, this.notBefore - performance.now()));
  }

  private forgetTimer(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
  }
}
