import { Box3, Vector3 } from "three";
import type { PanelScene } from "./panel_scene";
import type { Selected } from "./selected";

/** Around a component that fills the views, so that a voxel does not fill the screen. */
const MARGIN_MM = 8;

/** What is worth filling the views: the selected component with its counterparts, else all tissues. */
export function fittedBox(panels: ReadonlyMap<string, PanelScene>, selected: Selected): Box3 {
  const box = new Box3();
  for (const key of panels.keys()) {
    const measure = selected.in(key)?.measure;
    if (measure) box.expandByPoint(new Vector3(...measure.low)).expandByPoint(new Vector3(...measure.high));
  }
  if (!box.isEmpty()) return box.expandByScalar(MARGIN_MM);
  for (const panel of panels.values()) box.union(panel.bounds());
  return box;
}
