import { Vector3, type BufferAttribute } from "three";
import type { Triangles } from "../maths/counterparts";
import { COMPONENT } from "./prepare";
import type { Surface } from "./surface";

const known = new WeakMap<Surface, Triangles>();

/** A surface's triangles in millimetres; worked out once. */
export function trianglesOf(surface: Surface): Triangles {
  const before = known.get(surface);
  if (before !== undefined) return before;
  const from = surface.geometry.getAttribute("position");
  const positions = new Float32Array(from.count * 3);
  const point = new Vector3();
  for (let vertex = 0; vertex < from.count; vertex++) {
    point.fromBufferAttribute(from as BufferAttribute, vertex).applyMatrix4(surface.toMm).toArray(positions, 3 * vertex);
  }
  const components = surface.geometry.getAttribute(COMPONENT)?.array ?? new Float32Array(from.count);
  const triangles = { positions, index: surface.geometry.index!.array, components };
  known.set(surface, triangles);
  return triangles;
}
