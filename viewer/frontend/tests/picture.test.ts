import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "../src/picture/crc32";
import { layoutOf } from "../src/picture/layout";
import { withTexts } from "../src/picture/png_text";
import { lengthWords, scaleBar } from "../src/picture/scale_bar";

const bytes = (text: string) => new TextEncoder().encode(text);
/** One grey pixel, written by another program (Pillow). */
const PNG = Uint8Array.from(Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==", "base64"));

test("the checksum is that of the standard: 123456789 gives cbf43926", () => {
  assert.equal(crc32(bytes("123456789")), 0xcbf43926);
  assert.equal(crc32(bytes("")), 0);
});

test("texts go behind the header and nothing else of the picture changes", () => {
  const whole = withTexts(PNG, { Source: "http://127.0.0.1/?patient=A", Title: "größer" });
  assert.deepEqual(whole.subarray(0, 33), PNG.subarray(0, 33));
  assert.deepEqual(whole.subarray(whole.length - (PNG.length - 33)), PNG.subarray(33));
  const view = new DataView(whole.buffer);
  const length = view.getUint32(33);
  assert.equal(Buffer.from(whole.subarray(37, 41)).toString(), "iTXt");
  assert.equal(Buffer.from(whole.subarray(41, 41 + length)).toString("utf8"), "Source\0\0\0\0\0http://127.0.0.1/?patient=A");
  assert.equal(view.getUint32(41 + length), crc32(whole.subarray(37, 41 + length)));
});

test("a keyword that PNG forbids and bytes that are no PNG are refused", () => {
  for (const keyword of ["", " Title", "Title ", "x".repeat(80), "ü", "a\0b"]) assert.throws(() => withTexts(PNG, { [keyword]: "x" }), /no keyword/);
  assert.throws(() => withTexts(bytes("GIF89a and so on and on and on"), {}), /no PNG/);
});

test("a scale bar is round and as long as it may be", () => {
  for (const mm of [0.013, 0.1, 0.37, 1, 4.2]) {
    const bar = scaleBar(mm, 200);
    assert.ok(bar.pixels <= 200 * (1 + 1e-9) && bar.pixels > 200 / 2.5 - 1e-9, `${mm}: ${bar.pixels}`);
    assert.ok(Math.abs(bar.pixels * mm - bar.mm) < 1e-9);
    assert.ok([1, 2, 5].includes(Number(bar.mm.toExponential()[0])));
  }
  assert.deepEqual(scaleBar(0.5, 100), { mm: 50, pixels: 100 });
});

test("lengths are said in the unit that people use", () => {
  assert.deepEqual([50, 10, 5, 0.2].map(lengthWords), ["5 cm", "1 cm", "5 mm", "0.2 mm"]);
});

test("panels fill every row above the footer without a gap, each under its head", () => {
  for (const [count, width, height] of [[1, 800, 600], [2, 801, 600], [4, 1920, 1081], [6, 1000, 2000], [9, 333, 444]] as const) {
    const { panels, head, footer } = layoutOf(count, width, height);
    const rows = [...new Set(panels.map(({ y }) => y))].map((y) => panels.filter((box) => box.y === y));
    for (const row of rows) assert.equal(row.reduce((sum, box) => sum + box.width, 0), width);
    assert.equal(rows.reduce((sum, [first]) => sum + first.height + head, 0), footer.y);
    assert.equal(footer.y + footer.height, height);
  }
});

test("four panels stand side by side in a wide picture and two by two in a square one", () => {
  const columns = (width: number, height: number) => layoutOf(4, width, height).panels.filter(({ y }, _, all) => y === all[0].y).length;
  assert.deepEqual([columns(4000, 1000), columns(1500, 1500), columns(500, 2000)], [4, 2, 1]);
});
