import type { Label, Panel } from "../props";

/** What a panel's drawing shows, for those who do not see it. */
export function describe(panel: Panel, labels: readonly Label[], layers: Readonly<Record<string, boolean>>): string {
  if (panel.meshUrl === null) return `${panel.title}: ${panel.note ?? "nothing to show"}`;
  const shown = labels.filter(({ name }) => layers[name] !== false).map(({ title }) => title);
  const brain = layers["brain"] === false ? "" : " within the brain";
  const badge = panel.badge ? ` ${panel.badge}.` : "";
  return `3D view of ${panel.title}: ${shown.join(", ") || "no label"}${brain}.${badge} Arrow keys turn it, plus and minus zoom, Home resets.`;
}
