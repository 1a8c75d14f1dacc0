import type { PerspectiveCamera, WebGLRenderer } from "three";
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

/** Drawing buffers beyond this cost more than they show, and 8192 is the limit of many devices. */
const LARGEST_BUFFER = 7680;

/** Make a renderer's canvas as large as an element, in device pixels, as far as that makes sense. */
export function fitCanvas(renderer: WebGLRenderer, { clientWidth: width, clientHeight: height }: HTMLElement): void {
  const ratio = Math.min(window.devicePixelRatio || 1, 2, LARGEST_BUFFER / Math.max(width, height, 1));
  const canvas = renderer.domElement;
  if (canvas.width === Math.floor(width * ratio) && canvas.height === Math.floor(height * ratio)) return;
  renderer.setPixelRatio(ratio);
  renderer.setSize(width, height, true);
}
