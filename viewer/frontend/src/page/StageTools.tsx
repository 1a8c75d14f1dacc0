import * as React from "react";
import { rounded, intensityOf, type GreyScale } from "../maths/intensity";
import { solidity } from "../maths/solidity";
import { WHOLE } from "../maths/window_level";
import type { CaseStageProps, Slices } from "../props";
import type { SliceControls } from "../slices/use_slice_controls";
import { shownKeys, toggled, writtenOrder } from "./order";
import { Popover, Slider, Toggle } from "./controls";
import { useDraft } from "./use_draft";

interface StageToolsProps {
  props: CaseStageProps;
  slices: Slices | null;
  controls: SliceControls;
  scale: GreyScale | null;
  tell: (values: Readonly<Record<string, string | number | null>>) => void;
}

/** What can be changed on the stage beside what the toolbar has: panels, opacity, the cut, and the slices' look. */
export function StageTools({ props, slices, controls, scale, tell }: StageToolsProps) {
  const isLinked = props.linked !== false;
  const convention = slices?.convention ?? "radiological";
  const other = convention === "radiological" ? "neurological" : "radiological";
  const sided = convention === "radiological" ? "patient’s right on the left" : "patient’s right on the right";
  return (
    <div className="cs-tools" role="toolbar" aria-label="Stage">
      <PanelChoice props={props} tell={tell} />
      <Opacities props={props} tell={tell} />
      <Toggle isOn={isLinked} title="One camera for all panels (l)" onClick={() => tell({ unlinked: isLinked ? 1 : null })}>{isLinked ? "Cameras linked" : "Cameras apart"}</Toggle>
      {slices !== null && <Toggle isOn={props.isCut === true} title="Open the 3D views at the slice (u)" onClick={() => tell({ cut: props.isCut ? null : 1 })}>Cut 3D at the slice</Toggle>}
      {slices !== null && <SliceTools slices={slices} controls={controls} scale={scale} />}
      {slices !== null && (
        <button type="button" className="cs-toggle cs-convention" title={`Show the ${other} convention`} onClick={() => tell({ convention: other === "radiological" ? null : other })}>
          {convention}: {sided}
        </button>
      )}
    </div>
  );
}

function PanelChoice({ props, tell }: Pick<StageToolsProps, "props" | "tell">) {
  const { panels = [], order } = props;
  const all = panels.map(({ key }) => key);
  const shown = shownKeys(all, order);
  return (
    <Popover label={shown.length === all.length ? "Panels" : `Panels: ${shown.length} of ${all.length}`}>
      {panels.map(({ key, title }) => (
        <label key={key} className="cs-choice">
          <input type="checkbox" checked={shown.includes(key)} disabled={shown.length === 1 && shown[0] === key} onChange={() => tell({ panels: writtenOrder(all, toggled(all, shown, key)) })} />
          {title}
        </label>
      ))}
      <button type="button" className="cs-toggle" disabled={shown.join() === all.join()} onClick={() => tell({ panels: null })}>All, in the study’s order</button>
    </Popover>
  );
}

function Opacities({ props, tell }: Pick<StageToolsProps, "props" | "tell">) {
  const { labels = [], opacity = {} } = props;
  const write = (values: Readonly<Record<string, number>>) => {
    const pairs = Object.entries(values).map(([name, value]) => `${name}:${Math.round(value * 100)}`).sort();
    tell({ opacity: pairs.length > 0 ? pairs.join() : null });
  };
  const [draft, move] = useDraft<Readonly<Record<string, number>>>(opacity, write);
  return (
    <Popover label="Opacity">
      {labels.map(({ name, title, colour }) => (
        <Slider key={name} label={name} title={title} colour={colour} value={Math.round((draft[name] ?? solidity(name)[0]) * 100)} low={0} high={100} unit="%" onChange={(percent) => move({ ...draft, [name]: percent / 100 })} />
      ))}
      <button type="button" className="cs-toggle" disabled={Object.keys(draft).length === 0} onClick={() => move({})}>As by default</button>
    </Popover>
  );
}

function SliceTools({ slices, controls, scale }: { slices: Slices; controls: SliceControls; scale: GreyScale | null }) {
  const { look, setWindow, setFill, ruler, setRuler, isRuling, setIsRuling, lens } = controls;
  const [low, high] = look.window;
  const isWhole = low === WHOLE[0] && high === WHOLE[1];
  const said = (grey: number) => (scale === null ? String(grey) : rounded(intensityOf(scale, Math.max(1, grey)), scale.step));
  return (
    <>
      {slices.imageUrl && (
        <Popover label={isWhole ? "Window" : `Window ${said(low)} to ${said(high)}`}>
          <Slider label="Black" title="Shown black up to here" value={low} low={0} high={high - 1} text={said(low)} onChange={(value) => setWindow([value, high])} />
          <Slider label="White" title="Shown white from here" value={high} low={low + 1} high={255} text={said(high)} onChange={(value) => setWindow([low, value])} />
          <p>Or drag a slice with the right button, or Shift and arrows on it.</p>
          <button type="button" className="cs-toggle" disabled={isWhole} onClick={() => setWindow(WHOLE)}>Reset window</button>
        </Popover>
      )}
      <Popover label="Label fill">
        <Slider label="Fill" title="How opaque labels lie over the image" value={Math.round(look.fill * 100)} low={0} high={100} unit="%" onChange={(percent) => setFill(percent / 100)} />
      </Popover>
      <Toggle isOn={isRuling} title="Draw on a slice to measure (r); with the keyboard, Space on a slice sets each end" onClick={() => setIsRuling(!isRuling)}>Ruler</Toggle>
      {ruler !== null && <button type="button" className="cs-toggle" onClick={() => setRuler(null)}>Remove ruler</button>}
      {lens.zoom > 1 && <button type="button" className="cs-toggle" onClick={() => controls.setLens({ zoom: 1, focus: [0, 0, 0] })}>Whole slice</button>}
    </>
  );
}
