import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { PreparedFile } from "../src/engine/prepare";
import { Workshop } from "../src/engine/workshop";

/** A worker of which the test says when it is there and what it answers. */
class FakeWorker {
  static all: FakeWorker[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  readonly asked: unknown[] = [];
  constructor(readonly script: string) {
    FakeWorker.all.push(this);
  }
  postMessage(order: unknown) {
    this.asked.push(order);
  }
}

const wish = { asTissue: true, coarseMm: 0 };
const made: PreparedFile = { surfaces: [], badge: null };
const patience = () => new AbortController().signal;

beforeEach(() => {
  FakeWorker.all = [];
  Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: 2 }, configurable: true });
  Object.assign(globalThis, { Worker: FakeWorker });
});

test("an order waits until a worker is there, and the next until that has answered", async () => {
  const workshop = new Workshop("worker.js");
  const first = workshop.prepare(new ArrayBuffer(1), wish, patience());
  const second = workshop.prepare(new ArrayBuffer(2), wish, patience());
  const [worker, ...others] = FakeWorker.all;
  assert.equal(others.length, 0);
  assert.equal(worker.asked.length, 0);
  worker.onmessage!({ data: null });
  assert.equal(worker.asked.length, 1);
  worker.onmessage!({ data: { made } });
  assert.equal(await first, made);
  assert.equal(worker.asked.length, 2);
  worker.onmessage!({ data: { fault: "no GLB" } });
  await assert.rejects(second, /no GLB/);
});

test("what nobody waits for any more is not prepared", async () => {
  const workshop = new Workshop("worker.js");
  const stopped = new AbortController();
  const first = workshop.prepare(new ArrayBuffer(1), wish, stopped.signal);
  const second = workshop.prepare(new ArrayBuffer(2), wish, patience());
  stopped.abort();
  FakeWorker.all[0].onmessage!({ data: null });
  await assert.rejects(first, { name: "AbortError" });
  assert.equal((FakeWorker.all[0].asked[0] as { bytes: ArrayBuffer }).bytes.byteLength, 2);
  FakeWorker.all[0].onmessage!({ data: { made } });
  assert.equal(await second, made);
});

test("where no worker can be started the page prepares what waits, and what comes later", async () => {
  const workshop = new Workshop("gone.js");
  const first = workshop.prepare(new ArrayBuffer(4), wish, patience());
  FakeWorker.all[0].onerror!({ message: "404" });
  await assert.rejects(first); // four bytes are no GLB, but somebody has looked
  await assert.rejects(workshop.prepare(new ArrayBuffer(4), wish, patience()));
  assert.equal(FakeWorker.all.length, 1);
});
