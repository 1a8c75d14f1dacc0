import type { Found } from "../engine/find_component";
import type { Label } from "../props";

const NAMED_AT_MOST = 3;

/** What a panel says of the selected component. */
export function remark(label: Label, found: Found, isAlone: boolean): { text: string; isAbsent: boolean } {
  const { components, measure } = found;
  const alone = isAlone ? " · all else hidden" : "";
  if (measure === null) return { text: `No ${label.name} here${alone}`, isAbsent: true };
  const named = components.slice(0, NAMED_AT_MOST).map((number) => `#${number}`).join(" ");
  const more = components.length > NAMED_AT_MOST ? ` and ${components.length - NAMED_AT_MOST} more` : "";
  return { text: `${label.name} ${named}${more} · ${volume(measure.volumeMm3)}${alone}`, isAbsent: false };
}

function volume(mm3: number): string {
  return mm3 < 100 ? `${Math.round(mm3)} mm³` : `${(mm3 / 1000).toFixed(mm3 < 10_000 ? 2 : 1)} ml`;
}
