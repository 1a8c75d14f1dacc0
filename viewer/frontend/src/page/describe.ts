import type { Badge } from "../engine/badge";
import type { Comparison, Label, Panel } from "../props";

/** What a panel's drawing shows, for those who do not see it: its labels and how true they are, or its comparison. */
export function describe(panel: Panel, labels: readonly Label[], layers: Readonly<Record<string, boolean>>, about: Badge | Comparison | null): string {
  if (panel.meshUrl === null) return `${panel.title}: ${panel.note ?? "nothing to show"}`;
  const shown = labels.filter(({ name }) => layers[name] !== false).map(({ title }) => title);
  const what = about !== null && "show" in about ? `${about.show} of ${about.region} against the reference` : shown.join(", ") || "no label";
  const brain = layers["brain"] === false ? "" : " within the brain";
  const fidelity = about === null || "show" in about ? "" : ` ${about.isWarning ? "Warning: " : ""}${about.text}.`;
  return `3D view of ${panel.title}: ${what}${brain}.${fidelity} Arrow keys turn it, plus and minus zoom, Home resets.`;
}
