import type { Stage } from "../engine/stage";
import { add, scale, type Vec3 } from "../maths/vec3";
import type { Marks } from "./marks";

/** What a panel points at: the crosshair, and the selected component or the place where it is missing. */
export function marksIn(key: string, stage: Stage, cursor: Vec3 | null): Marks {
  const found = stage.selected.in(key);
  const measure = found?.measure ?? stage.selected.origin?.measure ?? null;
  if (found === null || measure === null) return { cursor, ring: null };
  const half = scale(add(measure.high, scale(measure.low, -1)), 0.5);
  return { cursor, ring: { mm: add(measure.low, half), radiusMm: Math.hypot(...half), isAbsent: found.measure === null } };
}
