import { DataTexture, NearestFilter, RedFormat, UnsignedByteType } from "three";

/** How a component is drawn. */
const STATE = { normal: 0, selected: 1, hidden: 2 } as const;
const WIDTH = 256;

/** A texture with one texel a component number, which the shader looks up; number 0 is "not numbered". */
export function componentStates(components: number): DataTexture {
  const rows = Math.floor(components / WIDTH) + 1;
  const texture = new DataTexture(new Uint8Array(WIDTH * rows), WIDTH, rows, RedFormat, UnsignedByteType);
  texture.minFilter = texture.magFilter = NearestFilter;
  texture.needsUpdate = true;
  return texture;
}

/** Select these components and no other; the others stay as they are drawn, or are hidden. */
export function selectComponents(texture: DataTexture, numbers: readonly number[], areOthersHidden: boolean): void {
  const states = texture.image.data as Uint8Array;
  states.fill(areOthersHidden ? STATE.hidden : STATE.normal);
  for (const number of numbers) if (number < states.length) states[number] = STATE.selected;
  texture.needsUpdate = true;
}

/** Whether a component is not drawn. */
export function isHidden(texture: DataTexture, number: number): boolean {
  return (texture.image.data as Uint8Array)[number] === STATE.hidden;
}
