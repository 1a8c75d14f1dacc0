import assert from "node:assert/strict";
import { test } from "node:test";
import { scaleEndMm, signedMm } from "../src/maths/distance_scale";
import { AGREED, errorVolume, FALSE_NEGATIVE, FALSE_POSITIVE, WRONG_CLASS } from "../src/maths/error_classes";
import { isVeil, solidity, solidityAt } from "../src/maths/solidity";

test("each pair of labels has its kind, and the kinds are counted", () => {
  const reference = Uint8Array.of(0, 1, 0, 1, 1, 2, 2);
  const prediction = Uint8Array.of(0, 1, 3, 0, 3, 1, 2);
  const { volume, counts } = errorVolume(reference, prediction, [1, 3]);
  assert.deepEqual([...volume], [0, AGREED, FALSE_POSITIVE, FALSE_NEGATIVE, WRONG_CLASS, FALSE_POSITIVE, 0]);
  assert.deepEqual(counts, [2, 1, 2, 1, 1]);
});

test("a region of one label has no wrong class, whatever stands in its place", () => {
  const labels = Uint8Array.from({ length: 16 }, (_, i) => i % 4);
  const others = Uint8Array.from({ length: 16 }, (_, i) => i >> 2);
  for (const label of [1, 2, 3]) assert.equal(errorVolume(labels, others, [label]).counts[WRONG_CLASS], 0);
});

test("distances share the smallest round scale that holds them, up to a centimetre", () => {
  assert.equal(scaleEndMm([]), 1);
  assert.equal(scaleEndMm([-1.5, 0.2]), 2);
  assert.equal(scaleEndMm([-1.5, 5]), 5);
  assert.equal(scaleEndMm([50.7]), 10);
});

test("a distance says its side, and none where it is nothing", () => {
  assert.equal(signedMm(-2.83), "\u22122.8");
  assert.equal(signedMm(2.83), "+2.8");
  assert.equal(signedMm(-0.01), "0");
});

test("a label made as opaque as it is by default looks as it does by default", () => {
  for (const name of ["ED", "ET", "RC"]) {
    const [facing, edge] = solidity(name);
    const [, same] = solidityAt(name, facing);
    assert.ok(Math.abs(same - edge) < 1e-9, name);
  }
});

test("opacity runs from nothing to solid, and edges are never thinner than faces", () => {
  for (const name of ["NCR", "ED", "ET", "anything"]) {
    assert.deepEqual(solidityAt(name, 0), [0, 0]);
    assert.deepEqual(solidityAt(name, 1), [1, 1]);
    for (const opacity of [0.2, 0.5, 0.8]) assert.ok(solidityAt(name, opacity)[1] >= opacity, name);
  }
});

test("what is agreed is looked through, and no error is", () => {
  assert.ok(isVeil("agreed"));
  for (const name of ["false-positive", "false-negative", "wrong-class"]) assert.deepEqual(solidity(name), [1, 1]);
});
