import { crc32 } from "./crc32";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Signature, then IHDR: length, name, 13 bytes, CRC. It is the first chunk of every PNG. */
const AFTER_HEADER = 8 + 4 + 4 + 13 + 4;

/**
 * A PNG with texts written into it, as iTXt chunks (UTF-8, not compressed) behind its header.
 * Keywords are 1 to 79 characters of printable Latin-1, as the PNG specification wants them (11.3.3).
 */
export function withTexts(png: Uint8Array, texts: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  if (!SIGNATURE.every((byte, i) => png[i] === byte) || ascii(png.subarray(12, 16)) !== "IHDR") throw new Error("these bytes are no PNG");
  const chunks = Object.entries(texts).map(([keyword, text]) => chunk("iTXt", textData(keyword, text)));
  const whole = new Uint8Array(png.length + chunks.reduce((sum, { length }) => sum + length, 0));
  whole.set(png.subarray(0, AFTER_HEADER));
  let at = AFTER_HEADER;
  for (const one of chunks) {
    whole.set(one, at);
    at += one.length;
  }
  whole.set(png.subarray(AFTER_HEADER), at);
  return whole;
}

function textData(keyword: string, text: string): Uint8Array {
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,77}[\x21-\x7e])?$/.test(keyword)) throw new Error(`“${keyword}” is no keyword of a PNG`);
  // keyword, its end, not compressed, method, no language, no translated keyword
  const head = [...new TextEncoder().encode(keyword), 0, 0, 0, 0, 0];
  return Uint8Array.from([...head, ...new TextEncoder().encode(text)]);
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(12 + data.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, data.length);
  whole.set(new TextEncoder().encode(name), 4);
  whole.set(data, 8);
  view.setUint32(8 + data.length, crc32(whole.subarray(4, 8 + data.length)));
  return whole;
}

const ascii = (bytes: Uint8Array) => String.fromCharCode(...bytes);
