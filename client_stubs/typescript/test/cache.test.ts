import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { bytesCodec, connect, textCodec, type ConnectOptions } from "../src/index.js";
import { until } from "./support/until.js";

const patient: ConnectOptions = { timeoutMs: 5000 };
const nowhere: ConnectOptions = { target: "unix:/nonexistent/o.sock" };

interface Profile {
  name: string;
}

describe("the cache", () => {
  it("loads a missing value once, remembers it, and tells where it is from", async () => {
    await using outrigger = connect(patient);
    const profiles = outrigger.cache<Profile>("profiles");
    const key = randomUUID();
    let loads = 0;
    const load = async () => ({ name: `Ada ${++loads}` });
    const values = await Promise.all(Array.from({ length: 20 }, () => profiles.getOrLoad(key, load)));
    assert.deepEqual(new Set(values.map((value) => value?.name)), new Set(["Ada 1"]));
    assert.deepEqual(await profiles.getOrLoadDetailed(key, load), {
      value: { name: "Ada 1" }, loaded: false, source: "sidecar",
    });
  });

  it("remembers that there is none", async () => {
    await using outrigger = connect(patient);
    const profiles = outrigger.cache<Profile>("profiles");
    const key = randomUUID();
    assert.equal(await profiles.getOrLoad(key, () => null), undefined);
    const again = await profiles.getOrLoadDetailed(key, () => assert.fail("it is known"));
    assert.deepEqual(again, { value: undefined, loaded: false, source: "sidecar" });
    assert.deepEqual(await profiles.get(key), { found: false, value: undefined, source: "sidecar" });
  });

  it("passes a loader's error on, thrown or rejected, and lets another load at once", async () => {
    await using outrigger = connect(patient);
    const profiles = outrigger.cache<string>("profiles", { codec: textCodec });
    const key = randomUUID();
    const oh = new Error("oh");
    await assert.rejects(profiles.getOrLoad(key, () => { throw oh; }), oh);
    await assert.rejects(profiles.getOrLoad(key, () => Promise.reject(oh)), oh);
    assert.equal(await profiles.getOrLoad(key, () => "fine"), "fine");
  });

  it("calls the loader without a sidecar, and counts it", async () => {
    await using outrigger = connect(nowhere);
    const profiles = outrigger.cache<string>("profiles");
    assert.deepEqual(await profiles.getOrLoadDetailed("k", () => "v"), { value: "v", loaded: true, source: "fallback" });
    const many = await profiles.getOrLoadManyDetailed(["a", "b"], () => ({ a: "A" }));
    assert.deepEqual([...many.values], [["a", "A"], ["b", undefined]]);
    assert.equal(many.source, "fallback");
    assert.deepEqual((await profiles.set("k", "v")), { done: false, source: "fallback" });
    await assert.rejects(profiles.getOrLoad("k", () => { throw new Error("oh"); }), /oh/);
    assert.deepEqual(outrigger.stats().cache, { calls: 4, fallbacks: 4 });
  });

  it("takes what it cannot decode for a miss that nobody else loads", async () => {
    await using outrigger = connect(patient);
    const key = randomUUID();
    await outrigger.cache("profiles", { codec: bytesCodec }).set(key, Buffer.from("no JSON"));
    const profiles = outrigger.cache<Profile>("profiles");
    assert.equal((await profiles.getOrLoad(key, () => ({ name: "Ada" })))?.name, "Ada");
    const many = await profiles.getOrLoadMany([key], () => new Map([[key, { name: "Bob" }]]));
    assert.equal(many.get(key)?.name, "Bob");
  });

  it("answers what it cannot store, and leaves the key to others", async () => {
    await using outrigger = connect(patient);
    const numbers = outrigger.cache<bigint>("profiles"); // JSON has no bigint
    const key = randomUUID();
    assert.equal(await numbers.getOrLoad(key, () => 1n), 1n);
    const many = await numbers.getOrLoadMany([key], () => ({ [key]: 2n }));
    assert.equal(many.get(key), 2n);
    assert.equal(await outrigger.cache("profiles").getOrLoad(key, () => 3), 3);
  });

  it("loads more keys than a message holds in one call", async () => {
    await using outrigger = connect(patient);
    const cache = outrigger.cache<number>("profiles");
    const prefix = randomUUID();
    const keys = Array.from({ length: 2500 }, (_, i) => `${prefix}:${i}`);
    const load = (missing: string[]) => new Map(missing.map((key) => [key, Number(key.split(":")[1])]));
    const first = await cache.getOrLoadManyDetailed(keys, load);
    assert.equal(first.loaded.length, 2500);
    assert.equal(first.values.get(keys[2499] as string), 2499);
    const second = await cache.getOrLoadManyDetailed(keys, load);
    assert.deepEqual([second.loaded, [...second.values.values()]], [[], keys.map((_, i) => i)]);
  });

  it("gives tokens back when a loader of many keys fails", async () => {
    await using outrigger = connect(patient);
    const cache = outrigger.cache<string>("profiles");
    const keys = [randomUUID(), randomUUID()];
    await assert.rejects(cache.getOrLoadMany(keys, () => { throw new Error("oh"); }), /oh/);
    const again = await cache.getOrLoadManyDetailed(keys, (missing) => new Map(missing.map((key) => [key, "v"])));
    assert.deepEqual(again.loaded.sort(), [...keys].sort());
  });

  it("refreshes at most 64 stale values at a time in the background", async () => {
    await using outrigger = connect(patient);
    const cache = outrigger.cache<string>("profiles");
    const tag = randomUUID();
    const keys = Array.from({ length: 100 }, () => randomUUID());
    await Promise.all(keys.map((key) => cache.set(key, "old", { tags: [tag] })));
    await cache.invalidate({ tags: [tag], soft: true });
    let finish!: () => void;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const load = () => finished.then(() => "new");
    for (const key of keys) assert.equal(await cache.getOrLoad(key, load), "old");
    assert.equal(outrigger.pending().cache, 64);
    finish();
    await until(() => outrigger.pending().cache === 0);
    assert.equal(await cache.getOrLoad(keys[0] as string, load), "new");
  });

  it("does not mind a refresh that fails", async () => {
    await using outrigger = connect(patient);
    const cache = outrigger.cache<string>("profiles");
    const key = randomUUID();
    await cache.set(key, "old");
    await cache.invalidate({ keys: [key], soft: true });
    assert.equal(await cache.getOrLoad(key, () => { throw new Error("oh"); }), "old");
    await until(() => outrigger.pending().cache === 0);
    await until(async () => (await cache.getOrLoad(key, () => "new")) === "new");
  });

  it("wraps a function of its arguments", async () => {
    await using outrigger = connect(patient);
    const calls: string[] = [];
    async function greeting(name: string, loud: boolean): Promise<string> {
      calls.push(name);
      return loud ? `HELLO ${name}` : `hello ${name}`;
    }
    const cached = outrigger.cache<string>("profiles").wrap(greeting, { prefix: randomUUID() });
    assert.deepEqual([await cached("a", true), await cached("a", true), await cached("a", false)],
      ["HELLO a", "HELLO a", "hello a"]);
    assert.deepEqual(calls, ["a", "a"]);
  });

  it("rejects with what the key of a wrapped function throws", async () => {
    await using outrigger = connect(nowhere);
    const key = () => { throw new Error("oh"); };
    await assert.rejects(outrigger.cache<string>("profiles").wrap(async () => "v", { key })(), /oh/);
  });

  it("refuses to wrap what has neither a name nor a prefix nor a key", async () => {
    await using outrigger = connect(nowhere);
    const profiles = outrigger.cache<string>("profiles");
    assert.throws(() => profiles.wrap(async () => "v"), { code: "INVALID_ARGUMENT" });
    assert.equal(await profiles.wrap(async () => "v", { key: () => "k" })(), "v");
    assert.equal(await profiles.wrap(async () => "v", { prefix: "p" })(), "v");
  });

  it("tells a namespace that is not configured", async () => {
    await using outrigger = connect(patient);
    await assert.rejects(outrigger.cache("nobody").getOrLoad("k", () => 1), { code: "NOT_FOUND" });
  });
});
