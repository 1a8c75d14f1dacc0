import * as React from "react";

interface ToggleProps {
  isOn: boolean;
  title?: string;
  onClick: () => void;
  children: React.ReactNode;
}

/** A button that is on or off. */
export function Toggle({ isOn, title, onClick, children }: ToggleProps) {
  return <button type="button" className="cs-toggle" aria-pressed={isOn} title={title} onClick={onClick}>{children}</button>;
}

/** A button that opens a small sheet above itself; a click elsewhere or Escape closes it. */
export function Popover({ label, children }: { label: string; children: React.ReactNode }) {
  const frame = React.useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = React.useState(false);
  const sheet = React.useId();
  React.useEffect(() => {
    if (!isOpen) return;
    const close = (event: Event) => !frame.current?.contains(event.target as Node) && setIsOpen(false);
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, [isOpen]);
  return (
    <div
      ref={frame} className="cs-popover"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        setIsOpen(false);
        frame.current?.querySelector("button")?.focus();
      }}
    >
      <button type="button" className="cs-toggle" aria-expanded={isOpen} aria-controls={sheet} onClick={() => setIsOpen(!isOpen)}>{label}<svg viewBox="0 0 10 10" aria-hidden="true"><path d="M2 6.5 5 3.5l3 3" /></svg></button>
      <div id={sheet} className="cs-sheet" hidden={!isOpen}>{children}</div>
    </div>
  );
}

interface SliderProps {
  label: string;
  title: string;
  value: number;
  low: number;
  high: number;
  unit?: string;
  /** Said instead of the value. */
  text?: string;
  colour?: string;
  onChange: (value: number) => void;
}

/** A named slider with its value beside it. */
export function Slider({ label, title, value, low, high, unit = "", text, colour, onChange }: SliderProps) {
  const said = text ?? `${value}${unit}`;
  return (
    <label className="cs-slider" title={title}>
      <span>{colour && <i style={{ background: colour }} />}{label}</span>
      <input type="range" min={low} max={high} step={1} value={value} aria-valuetext={said} onChange={(event) => onChange(Number(event.target.value))} />
      <output>{said}</output>
    </label>
  );
}
