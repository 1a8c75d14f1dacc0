import type { Vec3 } from "../maths/vec3";
import { useDraft } from "./use_draft";

/** The crosshair: moved at once on the page, reported when the hand rests. */
export function useCursor(given: Vec3 | null, say: (changes: { cursor: Vec3 }) => void): [Vec3 | null, (mm: Vec3) => void] {
  return useDraft<Vec3 | null>(given, (cursor) => cursor && say({ cursor }));
}
