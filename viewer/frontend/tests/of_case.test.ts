import assert from "node:assert/strict";
import { test } from "node:test";
import { ofCase } from "../src/page/of_case";

test("what was said about another case, about none, or not at all is not shown", () => {
  const selection = { case: "SYN-00001-000", label: "ET" };
  assert.equal(ofCase(selection, "SYN-00001-000"), selection);
  assert.equal(ofCase(selection, "SYN-00002-000"), null);
  assert.equal(ofCase(selection, null), null);
  assert.equal(ofCase(null, "SYN-00001-000"), null);
  assert.equal(ofCase(undefined, null), null);
});
