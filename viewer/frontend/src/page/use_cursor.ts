import * as React from "react";
import type { Vec3 } from "../maths/vec3";

const REPORT_MS = 160;

/**
 * The crosshair: moved at once on the page, reported when the hand rests.
 * What the page's owner says in between (`given`) wins over what was moved before.
 */
export function useCursor(given: Vec3 | null, say: (changes: { cursor: Vec3 }) => void): [Vec3 | null, (mm: Vec3) => void] {
  const [cursor, setCursor] = React.useState(given);
  const timer = React.useRef(0);
  React.useEffect(() => {
    window.clearTimeout(timer.current);
    setCursor(given);
  }, [JSON.stringify(given)]);
  React.useEffect(() => () => window.clearTimeout(timer.current), []);
  const move = (mm: Vec3) => {
    setCursor(mm);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => say({ cursor: mm }), REPORT_MS);
  };
  return [cursor, move];
}
