const DURATION_MS = 420;
const eased = (t: number) => 1 - (1 - t) ** 3;

/** Step through a flight by the clock, however slow the frames are, told the share of the way. Returns the function that breaks it off where it is. */
export function flight(step: (share: number) => void, done: () => void): () => void {
  const start = performance.now();
  let frame = 0;
  const tick = () => {
    const share = Math.min(1, (performance.now() - start) / DURATION_MS);
    step(eased(share));
    if (share < 1) frame = requestAnimationFrame(tick);
    else done();
  };
  frame = requestAnimationFrame(tick);
  return () => {
    cancelAnimationFrame(frame);
    done();
  };
}
