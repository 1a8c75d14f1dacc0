import * as React from "react";
import type { Overlay } from "../props";

/** The legend of an overlay: its colours from its low end to its high one. */
export function OverlayScale({ overlay }: { overlay: Overlay }) {
  const { title, colours, low, high, unit } = overlay;
  const ends = [low, high].map((end) => `${end.toString().replace("-", "\u2212")}${unit ? ` ${unit}` : ""}`);
  return (
    <span className="cs-ramp" role="img" aria-label={`${title}, in colours from ${ends[0]} to ${ends[1]}`}>
      <span>{title}</span>
      <span>{ends[0]}</span>
      <i style={{ background: `linear-gradient(to right, ${colours.join(", ")})` }} />
      <span>{ends[1]}</span>
    </span>
  );
}
