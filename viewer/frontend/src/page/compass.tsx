import * as React from "react";
import { compassEnds, edgeLetters, WORDS, type Letter } from "../maths/anatomy";
import { basisOf, type Orbit } from "../maths/orbit";

const VIEWS: Readonly<Record<Letter, string>> = { R: "right", L: "left", A: "anterior", P: "posterior", S: "superior", I: "inferior" };
const EDGES = ["left", "right", "top", "bottom"] as const;
const ARM = 27;

/** The letters at a view's edges and its small compass; clicking an end of it looks from there. Shown once painted. */
export const Compass = React.memo(function Compass({ onLookFrom }: { onLookFrom: (preset: string) => void }) {
  return (
    <>
      {EDGES.map((edge) => <span key={edge} className={`cs-edge cs-edge--${edge}`} data-edge={edge} aria-hidden="true" />)}
      <svg className="cs-compass" style={{ visibility: "hidden" }} viewBox="-40 -40 80 80" aria-hidden="true">
        {(Object.keys(VIEWS) as Letter[]).map((letter) => (
          <g key={letter} data-end={letter} onClick={() => onLookFrom(VIEWS[letter])}>
            <title>{`look from the ${WORDS[letter]}`}</title>
            <line />
            <circle r="8.5" />
            <text dy="0.36em">{letter}</text>
          </g>
        ))}
      </svg>
    </>
  );
});

/** Turn a view's compass and letters as its camera stands. Written by hand: it happens in every frame. */
export function paintCompass(view: HTMLElement, orbit: Orbit): void {
  const basis = basisOf(orbit);
  const letters = edgeLetters(basis);
  for (const edge of EDGES) {
    const span = view.querySelector(`[data-edge=${edge}]`);
    if (span !== null && span.textContent !== letters[edge]) span.textContent = letters[edge];
  }
  const svg = view.querySelector<SVGElement>(".cs-compass");
  svg?.style.removeProperty("visibility");
  for (const { letter, x, y, depth } of compassEnds(basis)) {
    const end = svg?.querySelector<SVGGElement>(`[data-end=${letter}]`);
    if (!end) continue;
    const [cx, cy] = [x * ARM, -y * ARM];
    end.setAttribute("transform", `translate(${cx.toFixed(2)} ${cy.toFixed(2)})`);
    end.style.setProperty("--near", ((depth + 1) / 2).toFixed(3));
    const line = end.firstElementChild!.nextElementSibling!;
    line.setAttribute("x2", (-cx).toFixed(2));
    line.setAttribute("y2", (-cy).toFixed(2));
  }
}
