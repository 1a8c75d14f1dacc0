import type { Vec3 } from "../maths/vec3";
import type { PanelScene } from "./panel_scene";
import { trianglesOf } from "./triangles_of";

/** A point on the surface of each of some components of a label, mm. */
export function seedsOf(panel: PanelScene, label: string, numbers: readonly number[]): Vec3[] {
  const surface = panel.tissues.find((tissue) => tissue.label.name === label)?.surface;
  if (surface === undefined) return [];
  const { positions, components } = trianglesOf(surface);
  const wanted = new Set(numbers);
  const seeds: Vec3[] = [];
  for (let vertex = 0; vertex < components.length && wanted.size > 0; vertex++) {
    if (wanted.delete(components[vertex])) seeds.push([positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2]]);
  }
  return seeds;
}
