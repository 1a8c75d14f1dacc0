import type { PerspectiveCamera } from "three";
import type { Orbit } from "../maths/orbit";
import type { PanelScene } from "./panel_scene";

/** How a view looks at its panel. */
export interface Stand {
  readonly camera: PerspectiveCamera;
  orbit: Orbit;
  distanceMm: number;
}

/** One panel's place on the stage. */
export interface View extends Stand {
  readonly panel: PanelScene;
  element: HTMLElement | null;
}

/** A view's place on the canvas, CSS pixels from its top left; null when it is not displayed. */
export function boxOnCanvas(canvas: HTMLCanvasElement, view: View | undefined): DOMRect | null {
  const element = view?.element;
  if (!element?.isConnected || element.offsetParent === null) return null;
  const [outer, inner] = [canvas.getBoundingClientRect(), element.getBoundingClientRect()];
  return new DOMRect(inner.x - outer.x, inner.y - outer.y, inner.width, inner.height);
}
