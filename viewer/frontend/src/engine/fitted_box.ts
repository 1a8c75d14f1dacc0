import { Box3, Vector3 } from "three";
import { measure } from "../maths/counterparts";
import type { PanelScene } from "./panel_scene";
import type { Selected } from "./selected";
import { trianglesOf } from "./triangles_of";

/** Around a component that fills the views, so that a voxel does not fill the screen. */
const MARGIN_MM = 8;

/** Components are numbered by falling size. */
const LARGEST = new Set([1]);

/**
 * What is worth filling the views: the selected component with its counterparts, else the largest component of each
 * label, since fragments lie all over the brain.
 */
export function fittedBox(panels: ReadonlyMap<string, PanelScene>, selected: Selected): Box3 {
  const box = new Box3();
  for (const key of panels.keys()) {
    const measure = selected.in(key)?.measure;
    if (measure) box.expandByPoint(new Vector3(...measure.low)).expandByPoint(new Vector3(...measure.high));
  }
  if (!box.isEmpty()) return box.expandByScalar(MARGIN_MM);
  for (const { tissues } of panels.values()) {
    for (const { surface } of tissues) {
      const main = measure(trianglesOf(surface), LARGEST);
      if (main !== null) box.expandByPoint(new Vector3(...main.low)).expandByPoint(new Vector3(...main.high));
    }
  }
  return box;
}
