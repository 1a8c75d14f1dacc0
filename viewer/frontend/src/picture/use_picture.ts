import * as React from "react";
import type { Panel } from "../props";
import type { Staged } from "../page/use_stage";
import { layoutOf } from "./layout";
import { paintPicture, type Caption, type Colours, type PanelPicture } from "./paint_picture";
import { withTexts } from "./png_text";

/** A picture that is asked for; device pixels. */
export interface PictureOrder {
  readonly width: number;
  readonly height: number;
  /** Keys of the panels, in their order; left out or empty for those on the page. */
  readonly panels?: readonly string[];
  readonly line: string;
  readonly notices: readonly string[];
  /** Written into the file: keyword to text. */
  readonly texts: Readonly<Record<string, string>>;
}

/** What can be asked of the stage's element from outside. */
export interface CaseStageElement {
  /** A PNG of panels as they stand, at any size up to `LARGEST_SIDE`; the same order gives the same bytes. */
  picture(order: PictureOrder): Promise<Blob>;
}

const LARGEST_SIDE = 7680;

/** Let the stage's element make pictures. */
export function usePicture({ root, stage, latest }: Staged): void {
  React.useEffect(() => {
    const element = root.current as unknown as { caseStage?: object };
    const made: CaseStageElement = { picture: (order) => pictureOf(order) };
    element.caseStage = Object.assign(element.caseStage ?? {}, made);
  }, []);

  const pictureOf = async (order: PictureOrder): Promise<Blob> => {
    const { width, height } = order;
    if (![width, height].every((side) => Number.isInteger(side) && side >= 200 && side <= LARGEST_SIDE)) {
      throw new Error(`A picture has 200 to ${LARGEST_SIDE} pixels a side, not ${width} x ${height}.`);
    }
    const { panels = [], labels = [], layers = {} } = latest.current;
    const shown = panels.filter(({ key }) => (order.panels?.length ? order.panels.includes(key) : isOnPage(root.current!, key)));
    if (shown.length === 0) throw new Error("There is no panel to make a picture of.");
    const sheet = Object.assign(document.createElement("canvas"), { width, height });
    const caption: Caption = { line: order.line, notices: order.notices, labels: labels.filter(({ name }) => layers[name] !== false) };
    const layout = layoutOf(shown.length, width, height);
    const pictures = shown.map((panel, i) => picturedBy(panel, layout.panels[i]));
    paintPicture(sheet.getContext("2d")!, layout, pictures, caption, coloursOf(root.current!));
    return withMetadata(sheet, order.texts);
  };

  const picturedBy = (panel: Panel, { width, height }: { width: number; height: number }): PanelPicture => {
    let found: PanelPicture = { title: panel.title, subtitle: panel.subtitle ?? "", orbit: { azimuth: 0, elevation: 0, zoom: 1, target: [0, 0, 0] }, distanceMm: 1, paint: null, note: panel.note ?? "Nothing to show." };
    stage.current?.renderAt([panel.key], width, height, (_, { orbit, distanceMm }, canvas) => {
      // kept on a canvas of its own: the stage's is drawn over by the next view
      const copy = Object.assign(document.createElement("canvas"), { width, height });
      copy.getContext("2d")!.drawImage(canvas, 0, 0, canvas.width, canvas.height, 0, 0, width, height);
      found = { ...found, orbit, distanceMm, paint: (context, box) => context.drawImage(copy, box.x, box.y) };
    });
    return found;
  };
}

const isOnPage = (root: HTMLElement, key: string) => root.querySelector(`[data-panel="${CSS.escape(key)}"]:not([hidden])`) !== null;

async function withMetadata(sheet: HTMLCanvasElement, texts: Readonly<Record<string, string>>): Promise<Blob> {
  const plain = await new Promise<Blob | null>((done) => sheet.toBlob(done, "image/png"));
  if (plain === null) throw new Error(`The browser can't make a picture of ${sheet.width} x ${sheet.height} pixels.`);
  return new Blob([withTexts(new Uint8Array(await plain.arrayBuffer()), texts)], { type: "image/png" });
}

/** The page's colours, as its style sheet has them now. */
function coloursOf(root: HTMLElement): Colours {
  const style = getComputedStyle(root);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    panel: of("--cs-panel"), near: of("--cs-view-near"), far: of("--cs-view-far"), line: of("--cs-line"),
    ink: of("--cs-ink"), muted: of("--cs-muted"), alert: of("--cs-alert"),
  };
}
