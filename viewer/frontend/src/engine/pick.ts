import { Raycaster, Vector2, type PerspectiveCamera, type Vector3 } from "three";
import { isVeil } from "../maths/solidity";
import type { Vec3 } from "../maths/vec3";
import { isHidden } from "./component_states";
import type { PanelScene } from "./panel_scene";
import type { Surface } from "./surface";
import { componentAt } from "./tissues";

/** A component under the pointer. */
export interface Hit {
  readonly label: string;
  readonly component: number;
  /** A point inside of it, where it was hit. */
  readonly mm: Vec3;
}

/** A small fragment is also hit by a click this close, pixels. */
const REACH = 5;
const BELOW_MM = 0.25;

/** The hits of a ray, nearest first, one a component; x and y run from -1 to 1, y up. */
function hitsAt(panel: PanelScene, camera: PerspectiveCamera, x: number, y: number): Hit[] {
  const ray = new Raycaster();
  ray.setFromCamera(new Vector2(x, y), camera);
  const all = panel.visible.flatMap((tissue) =>
    ray.intersectObject(tissue.mesh, false).filter(({ face }) => !isHidden(tissue.states, componentAt(tissue, face!.a))).map(({ distance, face, point }) => ({
      distance,
      label: tissue.label.name,
      component: componentAt(tissue, face!.a),
      mm: justInside(tissue.surface, point, face!.normal),
    })),
  );
  all.sort((a, b) => a.distance - b.distance);
  const isFirst = (hit: Hit, place: number) => all.findIndex((other) => isSamePlace(other, hit)) === place;
  return all.filter(isFirst).map(({ label, component, mm }) => ({ label, component, mm }));
}

/** The centre of the voxel whose face was hit; a little below the surface where it has no voxels. */
function justInside({ toMm, isVoxels }: Surface, mm: Vector3, normal: Vector3): Vec3 {
  const inner = mm.clone().applyMatrix4(toMm.clone().invert());
  if (isVoxels) inner.addScaledVector(normal, -0.5).floor().addScalar(0.5).applyMatrix4(toMm);
  else inner.copy(mm).addScaledVector(normal.clone().transformDirection(toMm), -BELOW_MM);
  return [inner.x, inner.y, inner.z];
}

const isSamePlace = (a: Pick<Hit, "label" | "component">, b: Pick<Hit, "label" | "component">): boolean =>
  a.label === b.label && a.component === b.component;

/**
 * Which of the hits along a ray is meant: the nearest that is no veil, else the nearest.
 * When that is chosen already, the next one behind it, and from the last the first again.
 */
export function choose(hits: readonly Hit[], chosen: Pick<Hit, "label" | "component"> | null): Hit | null {
  const rank = (hit: Hit) => (isVeil(hit.label) ? 1 : 0);
  const order = [...hits].sort((a, b) => rank(a) - rank(b));
  const place = chosen === null ? -1 : order.findIndex((hit) => isSamePlace(hit, chosen));
  return order[(place + 1) % Math.max(1, order.length)] ?? null;
}

/** Every component under a point of a view, or under the points close around it where there is none; pixels. */
export function hitsUnder(panel: PanelScene, camera: PerspectiveCamera, x: number, y: number, width: number, height: number): Hit[] {
  const ring = Array.from({ length: 8 }, (_, i) => [Math.cos((i * Math.PI) / 4) * REACH, Math.sin((i * Math.PI) / 4) * REACH]);
  for (const [dx, dy] of [[0, 0], ...ring]) {
    const hits = hitsAt(panel, camera, (2 * (x + dx)) / width - 1, 1 - (2 * (y + dy)) / height);
    if (hits.length > 0) return hits;
  }
  return [];
}
