import type { Convention } from "../maths/presets";
import type { CaseStageProps, Slices } from "../props";

type Values = Readonly<Record<string, string | number | null>>;

const numbers = (text: string, separator: string) => text.split(separator).map(Number);

/** The properties after a control of the stage changed them: for a page whose stage follows no address. */
export function applied(props: CaseStageProps, values: Values): CaseStageProps {
  let next = props;
  for (const [name, value] of Object.entries(values)) next = { ...next, ...changed(next, name, value === null ? null : String(value)) };
  return next;
}

function changed({ slices }: CaseStageProps, name: string, text: string | null): Partial<CaseStageProps> {
  if (name === "panels") return { order: text?.split(",") ?? null };
  if (name === "unlinked") return { linked: text === null };
  if (name === "cut") return { isCut: text !== null };
  if (name === "opacity") return { opacity: opacities(text) };
  const look = slices ? sliceLook(name, text) : null;
  return look && slices ? { slices: { ...slices, ...look } } : {};
}

function sliceLook(name: string, text: string | null): Partial<Slices> | null {
  if (name === "window") return { window: text === null ? null : (numbers(text, ":") as [number, number]) };
  if (name === "fill") return { fill: text === null ? undefined : Number(text) / 100 };
  if (name === "ruler") return { ruler: text === null ? null : (numbers(text, ",") as Slices["ruler"]) };
  if (name === "convention") return { convention: (text ?? "radiological") as Convention };
  return null;
}

function opacities(text: string | null): Record<string, number> {
  const pairs = (text ?? "").split(",").filter(Boolean).map((pair) => pair.split(":"));
  return Object.fromEntries(pairs.map(([name, percent]) => [name, Number(percent) / 100]));
}
