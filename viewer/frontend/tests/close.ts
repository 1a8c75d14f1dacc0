import assert from "node:assert/strict";

/** Assert that numbers agree to within a tolerance, one by one. */
export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-9): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(Math.abs(actual[i] - expected[i]) <= tolerance, `[${Array.from(actual)}] is not [${Array.from(expected)}]`);
  }
}
