/** The intensities behind an image's grey values: grey 1 is `low`, 255 is `high`, one grey step `step`. */
export interface GreyScale {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** The intensity a grey value stands for, to within half a step between the ends. */
export function intensityOf({ low, step }: GreyScale, grey: number): number {
  return low + (grey - 1) * step;
}

/** What can be said of the intensity behind a grey value: beyond the ends only that it is beyond. */
export function saidIntensity(scale: GreyScale, grey: number): string {
  if (grey === 0) return "0";
  const text = rounded(intensityOf(scale, grey), scale.step);
  if (scale.step === 0) return text;
  if (grey === 1) return `\u2264 ${text}`;
  if (grey === 255) return `\u2265 ${text}`;
  return `${text} \u00b1 ${(scale.step / 2).toPrecision(2).replace(/\.0$/, "")}`;
}

/** A number written no finer than half a step tells. */
export function rounded(value: number, step: number): string {
  const digits = step > 0 ? Math.min(6, Math.max(0, Math.ceil(-Math.log10(step / 2)))) : 3;
  return value.toFixed(digits).replace("-", "\u2212");
}
