import type { Stage } from "../engine/stage";
import type { Status } from "../props";

export const NO_WEBGL = "This browser offers no WebGL 2, so the 3D views stay empty. Everything else works.";

/** How things stand on the stage; null for a stage that has not opened what it was asked for. */
export function statusOf(stage: Stage | null, hasWebGl: boolean, caseKey: string | null): Status {
  const base = { case: caseKey, frames: stage?.frames ?? 0 };
  if (!hasWebGl) return { ...base, state: "error", message: NO_WEBGL };
  if (stage === null) return { ...base, state: "loading", message: "" };
  if (stage.isLost) return { ...base, state: "lost", message: "The graphics context was lost; waiting for the browser to give it back." };
  if (stage.isLoading) return { ...base, state: "loading", message: "" };
  const faults = [...stage.faults.values()];
  return { ...base, state: faults.length > 0 ? "error" : "ready", message: faults.join("; ") };
}
