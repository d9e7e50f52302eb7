import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Metadata, status } from "@grpc/grpc-js";
import { classifyError, rateLimitHeaders, type Decision, type LimitStatus } from "../src/index.js";
import { LocalRecords } from "../src/breaker/local-records.js";
import { BreakerStates } from "../src/breaker/states.js";
import { fromMs, toMs } from "../src/core/durations.js";
import { resolveTarget } from "../src/core/target.js";
import { State, WatchResponse } from "../src/gen/outrigger/breaker/v1/breaker.js";
import { fallbackDecision } from "../src/limits/decision.js";
import { LocalBuckets } from "../src/limits/local-buckets.js";

describe("a target", () => {
  it("is what was given, in gRPC's form", () => {
    assert.equal(resolveTarget("/a/b.sock", {}), "unix:/a/b.sock");
    assert.equal(resolveTarget("unix:///a/b.sock", {}), "unix:///a/b.sock");
    assert.equal(resolveTarget("sidecar:7420", { OUTRIGGER_TARGET: "other:1" }), "sidecar:7420");
    assert.equal(resolveTarget(undefined, { OUTRIGGER_TARGET: "/x.sock" }), "unix:/x.sock");
  });

  it("is else the first socket that exists", () => {
    const folder = mkdtempSync(join(tmpdir(), "outrigger-ts-"));
    mkdirSync(join(folder, "outrigger"));
    writeFileSync(join(folder, "outrigger", "outrigger.sock"), "");
    const found = resolveTarget(undefined, { XDG_RUNTIME_DIR: folder });
    rmSync(folder, { recursive: true });
    // One in /run would be the first.
    assert.ok([`unix:${folder}/outrigger/outrigger.sock`, "unix:/run/outrigger/outrigger.sock"].includes(found));
  });
});

describe("durations", () => {
  it("keep fractions of a millisecond, and whole seconds beyond", () => {
    assert.deepEqual(fromMs("x", 1500.25), { seconds: 1n, nanos: 500_250_000 });
    assert.equal(toMs({ seconds: 3600n, nanos: 250_000 }), 3_600_000.25);
    assert.throws(() => fromMs("maxWaitMs", -1), /maxWaitMs/);
    assert.throws(() => fromMs("maxWaitMs", NaN), { code: "INVALID_ARGUMENT" });
  });
});

describe("local buckets", () => {
  it("admit their burst, then the rate, for each set of attributes", () => {
    let now = 0;
    const buckets = new LocalBuckets(2, 2, () => now);
    const take = (user: string): boolean => buckets.take({ user, route: "/" }, 1).allowed;
    assert.deepEqual([take("1"), take("1"), take("1"), take("2")], [true, true, false, true]);
    assert.equal(buckets.take({ route: "/", user: "1" }, 1).retryAfterMs, 500);
    now = 500;
    assert.deepEqual([take("1"), take("1")], [true, false]);
  });

  it("peek at no cost, and never admit more than the burst", () => {
    const buckets = new LocalBuckets(1, 3, () => 0);
    assert.equal(buckets.take({}, 0).allowed, true);
    assert.equal(buckets.take({}, 4).retryAfterMs, undefined);
    assert.equal(buckets.take({}, 3).allowed, true);
    assert.equal(buckets.take({}, 0).allowed, false);
  });

  it("forget the least recently used beyond 10,000", () => {
    const buckets = new LocalBuckets(0, 1, () => 0);
    const take = (i: number): boolean => buckets.take({ user: String(i) }, 1).allowed;
    for (let i = 0; i < 10_000; i++) take(i);
    assert.equal(take(0), false); // used again: not the oldest any more
    take(10_000);
    assert.equal(buckets.size, 10_000);
    assert.deepEqual([take(0), take(1)], [false, true]);
  });
});

describe("a local record", () => {
  it("opens after failures in a row, then lets one probe pass at a time", () => {
    let now = 0;
    const records = new LocalRecords({ failures: 2, openForMs: 100 }, () => now);
    records.end("a", "failure", false);
    records.end("a", "success", false);
    records.end("a", "failure", false);
    assert.equal(records.begin("a").deniedForMs, 0);
    records.end("a", "failure", false);
    assert.equal(records.begin("a").deniedForMs, 100);
    records.end("a", "success", false); // it began before
    now = 100;
    assert.deepEqual(records.begin("a"), { deniedForMs: 0, probe: true });
    assert.equal(records.begin("a").deniedForMs, 100);
    records.end("a", "failure", true);
    now = 200;
    assert.equal(records.begin("a").probe, true);
    records.end("a", "success", true);
    assert.deepEqual(records.begin("a"), { deniedForMs: 0, probe: false });
  });

  it("takes a probe that does not end for lost", () => {
    let now = 0;
    const records = new LocalRecords({ failures: 1, openForMs: 100 }, () => now);
    records.end("a", "failure", false);
    now = 100;
    assert.equal(records.begin("a").probe, true);
    now = 200;
    assert.equal(records.begin("a").probe, true);
  });
});

describe("what the watch told", () => {
  const told = (method: string, generation: bigint, state = State.CLOSED): WatchResponse =>
    WatchResponse.fromPartial({ breaker: "b", method, generation, state, validFor: fromMs("x", 100), retryAfter: fromMs("x", 50) });

  it("holds for its time", () => {
    const states = new BreakerStates();
    states.hear(told("", 1n), 0);
    assert.equal(states.find("", 99)?.state, "CLOSED");
    assert.equal(states.find("", 100), undefined);
  });

  it("is not used once an open breaker may half open", () => {
    const states = new BreakerStates();
    states.hear(told("", 1n, State.OPEN), 0);
    assert.equal(states.find("", 49)?.state, "OPEN");
    assert.equal(states.find("", 50), undefined);
  });

  it("decides for a method: its own, or the breaker's if Acquire answered with that one's generation", () => {
    const states = new BreakerStates();
    states.hear(told("", 1n), 0);
    assert.equal(states.find("pay", 0), undefined);
    states.hear(told("pay", 2n), 0);
    assert.equal(states.find("pay", 0)?.generation, 2n);
    assert.equal(states.find("refund", 0), undefined);
    states.learn("refund", 1n);
    assert.equal(states.find("refund", 0)?.generation, 1n);
    states.learn("other", 7n);
    assert.equal(states.find("other", 0), undefined);
  });
});

describe("errors are classified", () => {
  const cases: [string, unknown, string][] = [
    ["an abort", Object.assign(new Error(), { name: "AbortError" }), "ignored"],
    ["a timeout", Object.assign(new Error(), { name: "TimeoutError" }), "failure"],
    ["HTTP 404", Object.assign(new Error(), { response: { status: 404 } }), "success"],
    ["HTTP 503", Object.assign(new Error(), { statusCode: 503 }), "failure"],
    ["gRPC NOT_FOUND", { code: status.NOT_FOUND, details: "", metadata: new Metadata() }, "success"],
    ["gRPC CANCELLED", { code: status.CANCELLED, details: "", metadata: new Metadata() }, "ignored"],
    ["gRPC UNAVAILABLE", { code: status.UNAVAILABLE, details: "", metadata: new Metadata() }, "failure"],
    ["a system error", Object.assign(new Error(), { code: "ECONNREFUSED" }), "failure"],
    ["what is no error", "oh", "failure"],
  ];
  for (const [name, error, result] of cases) it(`${name}: ${result}`, () => assert.equal(classifyError(error), result));
});

describe("headers", () => {
  const limit: LimitStatus = {
    limit: 'per "user"', allowed: false, remaining: 0, burst: 20, windowMs: 60_000, resetAfterMs: 35_001,
    retryAfterMs: 2001, shadow: false, unlimited: false,
  };
  const denied: Decision = { ...fallbackDecision(false, 2001), source: "sidecar", statuses: [limit] };

  it("are the draft's, in whole seconds, rounded up", () => {
    assert.deepEqual(rateLimitHeaders(denied), {
      "Retry-After": "3",
      "RateLimit": '"per \\"user\\"";r=0;t=36',
      "RateLimit-Policy": '"per \\"user\\"";q=20;w=60',
    });
  });

  it("leave out what does not limit, and Retry-After where there is no time", () => {
    const statuses = [{ ...limit, shadow: true }, { ...limit, unlimited: true }];
    assert.deepEqual(rateLimitHeaders({ ...denied, statuses, retryAfterMs: undefined }), {});
    assert.deepEqual(rateLimitHeaders(fallbackDecision(false, 1000)), { "Retry-After": "1" });
  });
});
