import * as React from "react";
import type { CaseStageProps } from "../props";
import { filesWithin, readdressed } from "./files_within";
import { Snapshot } from "./Snapshot";

interface Surroundings {
  viewer: { CaseStage: React.ComponentType<CaseStageProps> };
  ReactDOM: { createRoot(element: Element): { render(node: React.ReactNode): void } };
}

/** Open the case that lies in this page; see viewer/snapshot.py, which writes it. */
async function open(): Promise<void> {
  const { viewer, ReactDOM } = window as unknown as Surroundings;
  const files = await filesWithin(document);
  const first = readdressed(JSON.parse(document.getElementById("case")!.textContent!) as CaseStageProps, files);
  ReactDOM.createRoot(document.getElementById("stage-frame")!).render(<Snapshot first={first} Stage={viewer.CaseStage} />);
}

void open();
