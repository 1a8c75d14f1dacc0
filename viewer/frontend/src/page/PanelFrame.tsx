import * as React from "react";
import type { Panel } from "../props";
import type { Badge } from "../engine/badge";
import { Compass } from "./compass";
import { Fidelity } from "./Fidelity";
import { MarkSheet } from "./marks";

interface PanelFrameProps {
  panel: Panel;
  /** Said instead of a drawing; null while there is one. */
  note: string | null;
  isLoading: boolean;
  isMaximized: boolean;
  isHidden: boolean;
  /** What the drawing shows, in words. */
  description: string;
  /** What is said of the selected component here; null when nothing is selected. */
  remark: { text: string; isAbsent: boolean } | null;
  /** How true the surfaces are; null while unknown. */
  badge: Badge | null;
  onMaximize: () => void;
  onLookFrom: (preset: string) => void;
  children?: React.ReactNode;
}

/** One panel: a header, the place of its view on the canvas, and what stands below. */
export function PanelFrame(props: PanelFrameProps) {
  const { panel, note, isLoading, isMaximized, isHidden, description, remark, badge, onMaximize, onLookFrom, children } = props;
  const heading = React.useId();
  return (
    <section className="cs-panel" data-panel={panel.key} aria-labelledby={heading} hidden={isHidden} data-maximized={isMaximized}>
      <header className="cs-head">
        <div className="cs-names">
          <h3 id={heading}>{panel.title}</h3>
          {panel.subtitle && <span className="cs-subtitle" title={panel.subtitle}>{panel.subtitle}</span>}
        </div>
        {panel.exportUrl && <a className="cs-export" href={panel.exportUrl} download aria-label={`Download ${panel.title} as GLB`}>GLB</a>}
        <button type="button" className="cs-icon" aria-pressed={isMaximized} onClick={onMaximize} aria-label={`Enlarge ${panel.title}`} title={isMaximized ? "Show all panels" : "Enlarge"}>
          <svg viewBox="0 0 16 16" aria-hidden="true"><path d={isMaximized ? "M6.5 2.5v4h-4M9.5 13.5v-4h4" : "M9.5 2.5h4v4M6.5 13.5h-4v-4"} /></svg>
        </button>
      </header>
      <Fidelity badge={badge} title={panel.title} />
      <div className="cs-view" data-view={panel.key} role="img" aria-label={description} tabIndex={0}>
        {note === null && <Compass onLookFrom={onLookFrom} />}
        {note === null && <MarkSheet />}
        {isLoading && <div className="cs-loading" aria-hidden="true" />}
        {note !== null && <p className="cs-note">{note}</p>}
        {remark !== null && <p className="cs-remark" data-absent={remark.isAbsent}>{remark.text}</p>}
      </div>
      {children}
    </section>
  );
}
