import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, test } from "node:test";
import { fetchPatiently } from "../src/engine/fetch_patiently";

let server: Server;
let address = "";
const statuses: number[] = [];
let asked = 0;

before(async () => {
  server = createServer((_, answer) => {
    asked += 1;
    answer.writeHead(statuses.shift() ?? 200, { "Retry-After": "0.01" }).end("here");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const at = server.address();
  address = typeof at === "object" && at !== null ? `http://127.0.0.1:${at.port}/` : "";
});
after(() => server.close());

test("a busy server is asked again until it answers", async () => {
  [asked] = [0];
  statuses.push(503, 503);
  const answer = await fetchPatiently(address, new AbortController().signal);
  assert.deepEqual([answer.status, await answer.text(), asked], [200, "here", 3]);
});

test("what is not there is not asked for again", async () => {
  [asked] = [0];
  statuses.push(404);
  assert.equal((await fetchPatiently(address, new AbortController().signal)).status, 404);
  assert.equal(asked, 1);
});

test("a server that stays busy is given up after eight tries", async () => {
  [asked] = [0];
  statuses.push(...Array<number>(9).fill(503));
  assert.equal((await fetchPatiently(address, new AbortController().signal)).status, 503);
  assert.equal(asked, 8);
  statuses.length = 0;
});

test("an aborted wait ends at once", async () => {
  statuses.push(503, 503);
  const stop = new AbortController();
  const waiting = fetchPatiently(address, stop.signal);
  setTimeout(() => stop.abort(), 5);
  await assert.rejects(waiting, { name: "AbortError" });
  statuses.length = 0;
});
