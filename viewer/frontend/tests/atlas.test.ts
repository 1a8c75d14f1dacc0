import assert from "node:assert/strict";
import { test } from "node:test";
import { acrossPositions, readAtlas, upPositions, type AtlasColumns } from "../src/atlas/columns.ts";
import { countCodes, histogram } from "../src/atlas/count_bins.ts";
import { inPolygon, limits, nearest, NOTHING, readPieces, take, writePieces } from "../src/atlas/selection.ts";

/** Three components, as the server writes them. */
function bytes(): ArrayBuffer {
  const columns: [string, string, number[]][] = [
    ["patient", "u4", [0, 0, 1]], ["component", "u4", [1, 2, 1]], ["voxels", "u4", [1000, 10, 1]], ["distance_mm", "f4", [0, 9, 99]],
    ["baseline", "f4", [1, 0, NaN]], ["reference", "f4", [1, 0.5, 0]], ["method", "u1", [1, 1, 2]], ["label", "u1", [0, 1, 2]], ["verdict", "u1", [0, 1, 255]], ["outcome", "u1", [0, 2, 255]],
  ];
  const head = { count: 3, total: 3, patients: ["A", "B"], methods: ["reference", "baseline", "distmap"], labels: ["NCR", "ED", "ET"], verdicts: ["kept", "removed"], outcomes: ["kept-true", "kept-false", "removed-true", "removed-false"], columns: columns.map(([name, type]) => [name, type]) };
  let text = JSON.stringify(head);
  text += " ".repeat((4 - (text.length % 4)) % 4);
  const parts: Uint8Array[] = [new TextEncoder().encode("GATL0001"), new Uint8Array(Uint32Array.of(text.length).buffer), new TextEncoder().encode(text)];
  for (const [, type, values] of columns) {
    const column = type === "u4" ? Uint32Array.from(values) : type === "f4" ? Float32Array.from(values) : Uint8Array.from(values);
    const padded = new Uint8Array(Math.ceil(column.byteLength / 4) * 4);
    padded.set(new Uint8Array(column.buffer));
    parts.push(padded);
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole.buffer;
}

const atlas: AtlasColumns = readAtlas(bytes());
const [x, y] = [acrossPositions(atlas), upPositions(atlas, "distance")];
const mask = () => new Uint8Array(3);

test("an atlas is read as it was written", () => {
  assert.deepEqual([...atlas.numbers["voxels"]!], [1000, 10, 1]);
  assert.deepEqual([...atlas.numbers["outcome"]!], [0, 2, 255]);
  assert.deepEqual([...x], [3, 1, 0]);
  assert.deepEqual([...y], [0, 1, 2]);
});

test("other bytes are refused", () => {
  assert.throws(() => readAtlas(new TextEncoder().encode("GATL0000....").buffer), /no atlas/);
});

test("a selection survives the address", () => {
  for (const text of ["distance*voxels:2,50_label:0,1*0,0,2,0,2,1*verdict", "baseline***outcome", ""]) assert.equal(writePieces(readPieces(text)), text);
  assert.deepEqual(readPieces("sideways*label:1**label"), NOTHING);
});

test("a part without a limit limits nothing", () => {
  assert.equal(limits(readPieces("baseline***verdict")), false);
  assert.equal(limits(readPieces("distance*outcome:2**outcome")), true);
});

test("brushes and polygon are all needed to be taken, and what has no place never is", () => {
  const made = mask();
  assert.equal(take(atlas, NOTHING, x, y, made), 3);
  assert.equal(take(atlas, readPieces("distance*voxels:5,5000**outcome"), x, y, made), 2);
  assert.equal(take(atlas, readPieces("distance*voxels:5,5000_verdict:1**outcome"), x, y, made), 1);
  assert.deepEqual([...made], [0, 1, 0]);
  assert.equal(take(atlas, readPieces("distance**0.5,0.5,1.5,0.5,1.5,1.5,0.5,1.5*outcome"), x, y, made), 1);
  assert.equal(take(atlas, { ...NOTHING, up: "baseline" }, x, upPositions(atlas, "baseline"), made), 2);
});

test("a dent of a polygon is outside", () => {
  const dented: [number, number][] = [[0, 0], [2, 0], [2, 2], [1, 0.5], [0, 2]];
  assert.equal(inPolygon(dented, 1, 1), false);
  assert.equal(inPolygon(dented, 0.2, 1), true);
});

test("the nearest component within reach is picked, and only one that is taken", () => {
  const all = Uint8Array.of(1, 1, 1);
  assert.equal(nearest(x, y, all, [1.05, 1], [0.01, 0.01], 9), 1);
  assert.equal(nearest(x, y, Uint8Array.of(1, 0, 1), [1.05, 1], [0.01, 0.01], 9), -1);
  assert.equal(nearest(x, y, all, [2, 2], [0.01, 0.01], 9), -1);
});

test("every component with a value is in one bin", () => {
  const bins = histogram(upPositions(atlas, "baseline"), Uint8Array.of(1, 0, 1), 4);
  assert.deepEqual([bins.known, bins.all, bins.taken], [2, [1, 0, 0, 1], [0, 0, 0, 1]]);
  assert.deepEqual(histogram(Float32Array.of(NaN), mask(), 4).edges, []);
});

test("codes are counted, those without one too", () => {
  const { all, taken } = countCodes(atlas.numbers["outcome"] as Uint8Array, Uint8Array.of(0, 1, 1));
  assert.deepEqual([all[0], all[2], all[255]], [1, 1, 1]);
  assert.deepEqual([taken[0], taken[2], taken[255]], [0, 1, 1]);
});
