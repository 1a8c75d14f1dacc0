import type * as React from "react";
import type { Stage } from "../engine/stage";
import { mmFromVoxel, voxelFromMm } from "../maths/coordinates";
import type { Vec3 } from "../maths/vec3";
import type { Slices } from "../props";
import { section } from "../slices/section";
import type { SliceControls } from "../slices/use_slice_controls";
import { shifted, writtenOrder } from "./order";
import type { Staged } from "./use_stage";

const STEP_PIXELS = 24;
const ZOOM_STEP = 1.2;

const TURNS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP_PIXELS, 0],
  ArrowRight: [STEP_PIXELS, 0],
  ArrowUp: [0, -STEP_PIXELS],
  ArrowDown: [0, STEP_PIXELS],
};

/** Let the keys of a focused view do what a hand does: arrows turn, with Shift move; plus and minus zoom, Home shows all. */
export function keyTurns(event: React.KeyboardEvent, target: Stage): void {
  const view = event.target as HTMLElement;
  const key = view.dataset?.["view"];
  if (key === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const turn = TURNS[event.key];
  if (turn !== undefined) (event.shiftKey ? target.move : target.turn).call(target, key, ...turn);
  else if (event.key === "+" || event.key === "=") target.zoom(key, ZOOM_STEP, view.clientWidth / 2, view.clientHeight / 2);
  else if (event.key === "-") target.zoom(key, 1 / ZOOM_STEP, view.clientWidth / 2, view.clientHeight / 2);
  else if (event.key === "Home") target.cameras.whole();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

interface Acting {
  readonly staged: Staged;
  readonly slices: Slices | null;
  readonly cursor: Vec3 | null;
  readonly moveCursor: (mm: Vec3) => void;
  readonly controls: SliceControls;
  /** Keys of the panels on the stage, in their order. */
  readonly order: readonly string[];
}

/** What the page's single-letter keys can ask of the stage; found at its root element as `caseStage`. */
export function actionsOf({ staged, slices, cursor, moveCursor, controls, order }: Acting) {
  const { stage, root, latest, tell, enlarge } = staged;
  const panelAt = (element: Element | null) => element?.closest<HTMLElement>("[data-panel]")?.dataset["panel"] ?? null;
  const pointed = () => panelAt(document.activeElement) ?? panelAt(root.current!.querySelector("[data-panel]:hover")) ?? order[0] ?? null;
  return {
    readPanel: (key: string) => stage.current?.readPanel(key) ?? null,
    memory: () => stage.current?.memory() ?? null,
    fit: () => stage.current?.fit(),
    /** So many slices further up, in the plane that is shown. */
    step: (by: number) => {
      if (slices === null || cursor === null) return;
      const { through } = section(slices.plane ?? "axial", slices.convention ?? "radiological");
      const voxel = voxelFromMm(slices.affine, cursor).map(Math.round) as [number, number, number];
      voxel[through] = Math.min(slices.shape[through] - 1, Math.max(0, voxel[through] + by));
      moveCursor(mmFromVoxel(slices.affine, voxel));
    },
    /** Enlarge the panel that has the focus or the pointer, or give the others back. */
    maximize: () => enlarge(latest.current.maximized ? null : pointed()),
    /** Move the panel that has the focus or the pointer by so many places. */
    shift: (by: number) => {
      const key = pointed();
      const known = (latest.current.panels ?? []).map((panel) => panel.key);
      if (key !== null) tell({ panels: writtenOrder(known, shifted(order, key, by)) });
    },
    rule: () => controls.setIsRuling(!controls.isRuling),
  };
}
