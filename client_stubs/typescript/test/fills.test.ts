import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { bytesCodec, connect } from "../src/index.js";
import {
  CacheService,
  GetManyResponse,
  GetResponse,
  SetManyResponse,
  SetResponse,
  Status,
  type AbandonRequest,
  type GetManyRequest,
  type SetManyRequest,
  type SetRequest,
} from "../src/gen/outrigger/cache/v1/cache.js";
import { FakeSidecar } from "./support/fake-sidecar.js";
import { until } from "./support/until.js";

/** A sidecar that misses every key, and refuses values of exactly one byte. */
async function fakeCache() {
  const sets: SetRequest[] = [];
  const batches: SetRequest[][] = [];
  const abandoned: string[] = [];
  const miss = GetResponse.fromPartial({ status: Status.MISS, fillToken: Buffer.from("t") });
  const bad = (request: SetRequest): boolean => request.value.length === 1;
  const refusal = { code: status.INVALID_ARGUMENT, details: "value: refused" };
  const stored = SetResponse.fromPartial({ stored: true });
  const sidecar = await new FakeSidecar().serve(CacheService, {
    get: (_call: unknown, callback: sendUnaryData<GetResponse>) => callback(null, miss),
    getMany: ({ request }: ServerUnaryCall<GetManyRequest, unknown>, callback: sendUnaryData<GetManyResponse>) =>
      callback(null, { responses: request.requests.map(() => miss) }),
    set: ({ request }: ServerUnaryCall<SetRequest, unknown>, callback: sendUnaryData<SetResponse>) => {
      sets.push(request);
      if (bad(request)) callback(refusal);
      else callback(null, stored);
    },
    setMany: ({ request }: ServerUnaryCall<SetManyRequest, unknown>, callback: sendUnaryData<SetManyResponse>) => {
      batches.push(request.requests);
      if (request.requests.some(bad)) callback(refusal);
      else callback(null, { responses: request.requests.map(() => stored) });
    },
    abandon: ({ request }: ServerUnaryCall<AbandonRequest, unknown>, callback: sendUnaryData<object>) => {
      abandoned.push(request.key);
      callback(null, {});
    },
  });
  return { sidecar, sets, batches, abandoned };
}

const times = { ttlMs: 60_000, staleForMs: 60_000 };

describe("what a loader found", () => {
  it("is kept as long as the caller says; that there is nothing, as long as the namespace says", async () => {
    const { sidecar, sets, batches } = await fakeCache();
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const cache = outrigger.cache<string>("n");
    await cache.getOrLoad("a", () => "value", times);
    await cache.getOrLoad("b", () => undefined, times);
    await cache.getOrLoadMany(["c", "d"], () => ({ c: "value" }), times);
    await cache.set("e", undefined, times);
    const all = [...sets.slice(0, 2), ...(batches[0] ?? []), ...sets.slice(2)];
    const kept = all.map(({ key, absent, ttl, staleFor }) => [key, absent, ttl?.seconds, staleFor?.seconds]);
    assert.deepEqual(kept, [
      ["a", false, 60n, 60n],
      ["b", true, undefined, undefined],
      ["c", false, 60n, 60n],
      ["d", true, undefined, undefined],
      ["e", true, 60n, 60n],
    ]);
  });

  it("is stored by messages of at most 4 MiB", async () => {
    const { sidecar, batches } = await fakeCache();
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const cache = outrigger.cache("n", { codec: bytesCodec });
    const value = Buffer.alloc(1.5 * 1024 * 1024);
    await cache.getOrLoadMany(["a", "b", "c", "d", "e"], (keys) => new Map(keys.map((key) => [key, value])));
    assert.deepEqual(batches.map((batch) => batch.length), [2, 2, 1]);
  });

  it("is stored one by one when one value is refused, and that key is left to others", async () => {
    const { sidecar, sets, abandoned } = await fakeCache();
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const cache = outrigger.cache("n", { codec: bytesCodec });
    const sizes: Record<string, number> = { a: 2, b: 1, c: 2 };
    const load = (keys: string[]) => new Map(keys.map((key) => [key, Buffer.alloc(sizes[key] ?? 0)]));
    await cache.getOrLoadMany(["a", "b", "c"], load);
    assert.deepEqual(sets.map((request) => request.key), ["a", "b", "c"]);
    await until(() => abandoned.length > 0);
    assert.deepEqual(abandoned, ["b"]);
  });

  it("is left to others when no message can carry it", async () => {
    const { sidecar, sets, batches, abandoned } = await fakeCache();
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const cache = outrigger.cache("n", { codec: bytesCodec });
    const large = Buffer.alloc(5 * 1024 * 1024); // this server takes 4 MiB: RESOURCE_EXHAUSTED
    await cache.getOrLoad("a", () => large);
    await cache.getOrLoadMany(["b"], () => ({ b: large }));
    await until(() => abandoned.length === 2);
    assert.deepEqual([abandoned, sets, batches], [["a", "b"], [], []]);
  });

  it("comes too late when its client was closed: others could load it from then on", async () => {
    const { sidecar, sets, abandoned } = await fakeCache();
    await using _ = sidecar;
    const outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    let begun = false;
    let finish!: (value: string) => void;
    const load = (): Promise<string> => {
      begun = true;
      return new Promise((resolve) => (finish = resolve));
    };
    const loaded = outrigger.cache<string>("n").getOrLoad("a", load);
    await until(() => begun);
    await outrigger.close();
    assert.deepEqual(abandoned, ["a"]);
    finish("value");
    assert.equal(await loaded, "value");
    assert.deepEqual([sets, abandoned], [[], ["a"]]);
  });
});
