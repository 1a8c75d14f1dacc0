export interface ScaleBar {
  /** Millimetres it stands for: 1, 2 or 5 times a power of ten. */
  readonly mm: number;
  readonly pixels: number;
}

/** The longest round scale bar of at most so many pixels. */
export function scaleBar(mmPerPixel: number, mostPixels: number): ScaleBar {
  const most = mmPerPixel * mostPixels;
  const power = 10 ** Math.floor(Math.log10(most));
  const mm = [5, 2, 1].find((step) => step * power <= most * (1 + 1e-9))! * power;
  return { mm, pixels: mm / mmPerPixel };
}

/** The length a scale bar stands for, in words. */
export function lengthWords(mm: number): string {
  return mm >= 10 ? `${Number((mm / 10).toPrecision(6))} cm` : `${Number(mm.toPrecision(6))} mm`;
}
