import * as React from "react";
import { Vector3, type PerspectiveCamera } from "three";
import { mmPerPixel } from "../maths/fit";
import type { Vec3 } from "../maths/vec3";

/** What is pointed at in a view. */
export interface Marks {
  readonly cursor: Vec3 | null;
  /** The selected component, or the place where it is missing. */
  readonly ring: { readonly mm: Vec3; readonly radiusMm: number; readonly isAbsent: boolean } | null;
}

/** The crosshair and the ring of a view; shown once `paintMarks` has placed them. */
export const MarkSheet = React.memo(function MarkSheet() {
  return (
    <>
      <svg className="cs-ring" style={UNPLACED} aria-hidden="true"><circle r="0" /></svg>
      <svg className="cs-cross" style={UNPLACED} viewBox="-12 -12 24 24" aria-hidden="true"><path d="M-11 0H-4M4 0H11M0 -11V-4M0 4V11" /></svg>
    </>
  );
});

const SMALLEST_RING = 9;
const UNPLACED = { display: "none" };

/** Put a view's marks where its camera sees them. */
export function paintMarks(view: HTMLElement, camera: PerspectiveCamera, distanceMm: number, { cursor, ring }: Marks): void {
  const cross = view.querySelector<SVGElement>(".cs-cross");
  const circle = view.querySelector<SVGElement>(".cs-ring");
  place(cross, cursor, view, camera);
  place(circle, ring?.mm ?? null, view, camera);
  if (circle === null || ring === null) return;
  const pixels = ring.radiusMm / mmPerPixel(distanceMm, view.clientHeight);
  circle.dataset["absent"] = String(ring.isAbsent);
  circle.firstElementChild!.setAttribute("r", Math.max(SMALLEST_RING, pixels + 5).toFixed(1));
}

function place(mark: SVGElement | null, mm: Vec3 | null, view: HTMLElement, camera: PerspectiveCamera): void {
  if (mark === null) return;
  mark.style.display = mm === null ? "none" : "";
  if (mm === null) return;
  const { x, y } = new Vector3(...mm).project(camera);
  mark.style.transform = `translate(${(((x + 1) / 2) * view.clientWidth).toFixed(1)}px, ${(((1 - y) / 2) * view.clientHeight).toFixed(1)}px)`;
}
