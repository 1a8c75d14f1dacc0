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
  /** Laid over the lower left of the view. */
  legend: React.ReactNode;
  /** Try what failed again; null where nothing did. */
  onRetry: (() => void) | null;
  onMaximize: () => void;
  /** Put this panel so many places further; null where it stands at that end. */
  onShift: { back: (() => void) | null; forth: (() => void) | null };
  /** Put the panel of another key in this one's place, and this one in that one's. */
  onSwap: (other: string) => void;
  onLookFrom: (preset: string) => void;
  children?: React.ReactNode;
}

const DRAGGED = "application/x-glioscope-panel";

/** One panel: a header, the place of its view on the canvas, and what stands below. */
export function PanelFrame(props: PanelFrameProps) {
  const { panel, note, isLoading, isMaximized, isHidden, description, remark, badge, legend, onRetry, onLookFrom, children } = props;
  const heading = React.useId();
  const [isTarget, setIsTarget] = React.useState(false);
  const isDragged = (event: React.DragEvent) => event.dataTransfer.types.includes(DRAGGED);
  return (
    <section
      className="cs-panel" data-panel={panel.key} aria-labelledby={heading} hidden={isHidden} data-maximized={isMaximized} data-target={isTarget}
      onDragOver={(event) => {
        if (!isDragged(event)) return;
        event.preventDefault();
        setIsTarget(true);
      }}
      onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setIsTarget(false)}
      onDrop={(event) => {
        setIsTarget(false);
        if (!isDragged(event)) return;
        event.preventDefault();
        props.onSwap(event.dataTransfer.getData(DRAGGED));
      }}
    >
      <PanelHead {...props} heading={heading} />
      <Fidelity badge={badge} title={panel.title} />
      <div className="cs-scene">
        <div className="cs-view" data-view={panel.key} role="img" aria-label={description} tabIndex={0}>
          {note === null && <Compass onLookFrom={onLookFrom} />}
          {note === null && <MarkSheet />}
          {isLoading && <div className="cs-loading" aria-hidden="true" />}
        </div>
        {note !== null && (
          <div className="cs-note">
            <p>{note}</p>
            {onRetry !== null && <button type="button" className="cs-toggle" onClick={onRetry}>Try again</button>}
          </div>
        )}
        {remark !== null && <p className="cs-remark" data-absent={remark.isAbsent}>{remark.text}</p>}
        {note === null && legend}
      </div>
      {children}
    </section>
  );
}

/** Name and score of a panel, and what can be done with it. Its name is what a hand drags to another panel. */
function PanelHead({ panel, heading, isMaximized, onMaximize, onShift }: PanelFrameProps & { heading: string }) {
  const drag = (event: React.DragEvent) => {
    event.dataTransfer.setData(DRAGGED, panel.key);
    event.dataTransfer.effectAllowed = "move";
  };
  return (
    <header className="cs-head">
      <div className="cs-names" draggable={!isMaximized} onDragStart={drag} title="Drag onto another panel to swap the two">
        <h3 id={heading}>{panel.title}</h3>
        {panel.subtitle && <span className="cs-subtitle" title={panel.subtitle}>{panel.subtitle}</span>}
      </div>
      {!isMaximized && (
        <span className="cs-shifts">
          {onShift.back && <button type="button" className="cs-icon" onClick={onShift.back} aria-label={`Move ${panel.title} to the left`} title="Move to the left (Shift and ,)"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M9.5 4 5.5 8l4 4" /></svg></button>}
          {onShift.forth && <button type="button" className="cs-icon" onClick={onShift.forth} aria-label={`Move ${panel.title} to the right`} title="Move to the right (Shift and .)"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M6.5 4l4 4-4 4" /></svg></button>}
        </span>
      )}
      {panel.exportUrl && <a className="cs-export" href={panel.exportUrl} download aria-label={`Download ${panel.title} as GLB`}>GLB</a>}
      <button type="button" className="cs-icon" data-enlarge aria-pressed={isMaximized} onClick={onMaximize} aria-label={`Enlarge ${panel.title}`} title={isMaximized ? "Show all panels (m)" : "Enlarge (m)"}>
        <svg viewBox="0 0 16 16" aria-hidden="true"><path d={isMaximized ? "M6.5 2.5v4h-4M9.5 13.5v-4h4" : "M9.5 2.5h4v4M6.5 13.5h-4v-4"} /></svg>
      </button>
    </header>
  );
}
