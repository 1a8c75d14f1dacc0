import { counterparts, measure, type Measure } from "../maths/counterparts";
import type { PanelScene } from "./panel_scene";
import { trianglesOf } from "./triangles_of";

/** The components of a panel that stand for the selected one there. */
export interface Found {
  readonly components: readonly number[];
  /** Their box and volume; null when there are none. */
  readonly measure: Measure | null;
}

/** Find a selected component in a panel: itself in its own, what shares volume with it in another. */
export function findComponent(panel: PanelScene, own: PanelScene, label: string, component: number): Found {
  const [here, there] = [panel, own].map(({ tissues }) => tissues.find((tissue) => tissue.label.name === label)?.surface);
  if (here === undefined || there === undefined) return { components: [], measure: null };
  const components = panel === own ? [component] : counterparts(trianglesOf(there), component, trianglesOf(here));
  return { components, measure: measure(trianglesOf(here), new Set(components)) };
}
