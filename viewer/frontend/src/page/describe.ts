import type { Badge } from "../engine/badge";
import type { Label, Panel } from "../props";

/** What a panel's drawing shows, for those who do not see it. */
export function describe(panel: Panel, labels: readonly Label[], layers: Readonly<Record<string, boolean>>, badge: Badge | null): string {
  if (panel.meshUrl === null) return `${panel.title}: ${panel.note ?? "nothing to show"}`;
  const shown = labels.filter(({ name }) => layers[name] !== false).map(({ title }) => title);
  const brain = layers["brain"] === false ? "" : " within the brain";
  const fidelity = badge === null ? "" : ` ${badge.isWarning ? "Warning: " : ""}${badge.text}.`;
  return `3D view of ${panel.title}: ${shown.join(", ") || "no label"}${brain}.${fidelity} Arrow keys turn it, plus and minus zoom, Home resets.`;
}
