import type { Selection } from "../props";
import { findComponent, type Found } from "./find_component";
import type { PanelScene } from "./panel_scene";

/** The selected component, found again in every panel and lit up there. */
export class Selected {
  selection: Selection | null = null;
  /** Whether everything else is hidden. */
  isAlone = false;
  private found = new Map<string, Found>();

  /** Look for the selection in these panels; call again when their surfaces change. */
  apply(panels: ReadonlyMap<string, PanelScene>, selection: Selection | null): void {
    this.selection = selection;
    this.found = new Map();
    const own = selection === null ? undefined : panels.get(selection.panel ?? firstOf(panels));
    for (const [key, panel] of panels) {
      if (selection === null || own === undefined || own.tissues.length === 0) panel.select(null, [], false);
      else if (panel.tissues.length > 0) this.light(key, panel, own, selection);
    }
  }

  /** What was found in a panel; null when nothing is selected or the panel shows nothing. */
  in(key: string): Found | null {
    return this.found.get(key) ?? null;
  }

  /** What was found in the panel it was chosen in. */
  get origin(): Found | null {
    return this.selection === null ? null : this.in(this.selection.panel ?? [...this.found.keys()][0] ?? "");
  }

  private light(key: string, panel: PanelScene, own: PanelScene, { label, component }: Selection): void {
    const found = findComponent(panel, own, label, component);
    this.found.set(key, found);
    panel.select(label, found.components, this.isAlone);
  }
}

function firstOf(panels: ReadonlyMap<string, PanelScene>): string {
  return [...panels].find(([, panel]) => panel.tissues.length > 0)?.[0] ?? "";
}
