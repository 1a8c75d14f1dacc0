import { between, type Orbit } from "../maths/orbit";

const DURATION_MS = 420;
const eased = (t: number) => 1 - (1 - t) ** 3;

/** Fly from one orbit to another by the clock, however slow the frames are. Returns the function that breaks it off where it is. */
export function flight(from: Orbit, to: Orbit, step: (orbit: Orbit) => void, done: () => void): () => void {
  const start = performance.now();
  let frame = 0;
  const tick = () => {
    const share = Math.min(1, (performance.now() - start) / DURATION_MS);
    step(share === 1 ? to : between(from, to, eased(share)));
    if (share < 1) frame = requestAnimationFrame(tick);
    else done();
  };
  frame = requestAnimationFrame(tick);
  return () => {
    cancelAnimationFrame(frame);
    done();
  };
}
