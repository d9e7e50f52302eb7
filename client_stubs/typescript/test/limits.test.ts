import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { status, type ServerDuplexStream } from "@grpc/grpc-js";
import { connect } from "../src/index.js";
import {
  AllowResponse,
  RateLimiterService,
  type AllowStreamRequest,
  type AllowStreamResponse,
} from "../src/gen/outrigger/ratelimit/v1/rate_limiter.js";
import { FakeSidecar } from "./support/fake-sidecar.js";
import { OwnSidecar } from "./support/own-sidecar.js";
import { until } from "./support/until.js";

type Stream = ServerDuplexStream<AllowStreamRequest, AllowStreamResponse>;

const allowed = AllowResponse.fromPartial({ allowed: true });

/** A sidecar that admits everything, and remembers the messages that it got. */
async function fakeLimiter(answer: (request: AllowStreamRequest, stream: Stream) => void) {
  const messages: AllowStreamRequest[] = [];
  const allowStream = (stream: Stream): void => {
    stream.on("data", (request: AllowStreamRequest) => {
      messages.push(request);
      answer(request, stream);
    });
    stream.on("end", () => stream.end());
  };
  const sidecar = await new FakeSidecar().serve(RateLimiterService, { allowStream });
  return { sidecar, messages };
}

function admitAll(request: AllowStreamRequest, stream: Stream): void {
  stream.write({ id: request.id, responses: request.requests.map(() => allowed), error: undefined });
}

describe("allow", () => {
  it("decides by the sidecar's limits", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const ask = () => outrigger.limiter.allow({ user: "ts-1" }, { cost: 6, detail: true });
    const [first, second] = [await ask(), await ask()];
    assert.deepEqual([first.allowed, first.limit, first.remaining, first.source], [true, "per_user", 4, "sidecar"]);
    assert.equal(first.statuses[0]?.burst, 10);
    assert.equal(second.allowed, false);
    assert.ok((second.retryAfterMs ?? 0) > 0);
  });

  it("sends what is asked at the same time as one message, at most 1,000 of them", async () => {
    const { sidecar, messages } = await fakeLimiter(admitAll);
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    await outrigger.limiter.allow({});
    await Promise.all(Array.from({ length: 1500 }, () => outrigger.limiter.allow({})));
    assert.deepEqual(messages.map((message) => message.requests.length), [1, 1000, 500]);
    assert.equal(outrigger.pending().limits, 0);
  });

  it("keeps messages small: a question that is larger goes alone", async () => {
    const { sidecar, messages } = await fakeLimiter(admitAll);
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const ask = (kib: number) => outrigger.limiter.allow({ user: "x".repeat(kib * 1024) });
    await Promise.all([100, 100, 100, 300, 100, 100].map(ask));
    assert.deepEqual(messages.map((message) => message.requests.length), [2, 1, 1, 2]);
  });

  it("asks about the attributes as they were when it was called", async () => {
    const { sidecar, messages } = await fakeLimiter(admitAll);
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const attributes = { user: "1" };
    const first = outrigger.limiter.allow(attributes);
    attributes.user = "2";
    await Promise.all([first, outrigger.limiter.allow(attributes)]);
    assert.deepEqual(messages[0]?.requests.map((request) => request.attributes), [{ user: "1" }, { user: "2" }]);
  });

  it("asks each alone after one's mistake, which is that one's error", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const asked = await Promise.allSettled([
      outrigger.limiter.allow({ org: "ts-mixed" }),
      outrigger.limiter.allow({ org: "ts-mixed" }, { limit: "nobody" }),
      outrigger.limiter.allow({ org: "ts-mixed" }),
    ]);
    assert.deepEqual(asked.map((each) => each.status), ["fulfilled", "rejected", "fulfilled"]);
    const [first, wrong] = asked;
    assert.equal(first?.status === "fulfilled" && first.value.source, "sidecar");
    assert.match(String(wrong?.status === "rejected" && wrong.reason), /^OutriggerError: limit: .*nobody/);
  });

  it("refuses what cannot be sent, before it is with others' questions", async () => {
    await using outrigger = connect();
    const wrong = { code: "INVALID_ARGUMENT" };
    await assert.rejects(outrigger.limiter.allow({ user: 42 as unknown as string }), wrong);
    await assert.rejects(outrigger.limiter.allow({}, { limit: 42 as unknown as string }), wrong);
    assert.equal((await outrigger.limiter.allow(undefined as unknown as {})).allowed, true);
    await assert.rejects(outrigger.limiter.allow({}, { cost: 1.5 }), wrong);
    await assert.rejects(outrigger.limiter.allow({}, { cost: -1 }), wrong);
    assert.throws(() => connect({ timeoutMs: 0 }), wrong);
  });

  it("ends with its signal, and keeps nothing of the call", async () => {
    const { sidecar, messages } = await fakeLimiter(() => undefined);
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 60_000 });
    const abort = new AbortController();
    const call = outrigger.limiter.allow({}, { signal: abort.signal });
    await until(() => messages.length === 1);
    abort.abort(new Error("enough"));
    await assert.rejects(call, /enough/);
    await assert.rejects(outrigger.limiter.allow({}, { signal: abort.signal }), /enough/);
    assert.equal(outrigger.pending().limits, 0);
  });

  it("answers by the policy when the stream breaks, and opens another for the next", async () => {
    let broken = false;
    const { sidecar } = await fakeLimiter((request, stream) => {
      if (broken) return admitAll(request, stream);
      broken = true;
      stream.emit("error", { code: status.UNAVAILABLE, details: "draining" });
    });
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 60_000, limits: { onUnavailable: "deny" } });
    const first = await outrigger.limiter.allow({});
    assert.deepEqual([first.allowed, first.retryAfterMs, first.source], [false, 1000, "fallback"]);
    assert.equal((await outrigger.limiter.allow({})).source, "sidecar");
    assert.deepEqual(outrigger.stats().limits, { calls: 2, fallbacks: 1 });
  });

  it("keeps nothing of a sidecar that hangs, and hears it when it goes on", async () => {
    await using sidecar = new OwnSidecar("limits: [{name: l, key: [user], rate: 1000/1s, burst: 100000}]");
    sidecar.start();
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 20 });
    const ask = () => outrigger.limiter.allow({ user: "1", more: "x".repeat(1000) });
    await until(async () => (await ask()).source === "sidecar");
    sidecar.signal("SIGSTOP");
    // More than the connection takes without being read.
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(Array.from({ length: 2000 }, ask));
      if (round > 0) assert.ok(answers.every((answer) => answer.source === "fallback"));
      assert.equal(outrigger.pending().limits, 0);
    }
    sidecar.signal("SIGCONT");
    await until(async () => (await ask()).source === "sidecar");
  });

  it("works before the sidecar is up, and when it is back", async () => {
    await using sidecar = new OwnSidecar("limits: [{name: l, key: [user], rate: 1/1s}]");
    await using outrigger = connect({ target: sidecar.target });
    assert.equal((await outrigger.limiter.allow({ user: "1" })).source, "fallback");
    for (let round = 0; round < 2; round++) {
      sidecar.start();
      await until(async () => (await outrigger.limiter.allow({ user: "1" })).source === "sidecar");
      await sidecar.kill();
      await until(async () => (await outrigger.limiter.allow({ user: "1" })).source === "fallback");
    }
  });
});

describe("close", () => {
  it("answers what is under way by the policy, and makes later calls errors", async () => {
    const { sidecar, messages } = await fakeLimiter(() => undefined);
    await using _ = sidecar;
    const outrigger = connect({ target: sidecar.target, timeoutMs: 60_000 });
    const underWay = outrigger.limiter.allow({});
    const waiting = outrigger.limiter.waitIfNeeded({});
    await until(() => messages.length === 1);
    await Promise.all([outrigger.close(), outrigger.close()]);
    assert.equal((await underWay).source, "fallback");
    assert.equal((await waiting).source, "fallback");
    for (const call of [
      () => outrigger.limiter.allow({}),
      () => outrigger.limiter.refund({}),
      () => outrigger.cache("profiles").get("k"),
      () => outrigger.breaker("bench").call(() => 1),
      () => outrigger.pool("wide").acquire(),
    ]) {
      await assert.rejects(call, { name: "OutriggerError", code: "CLOSED" });
    }
  });

  it("leaves the channel to other clients of the target", async () => {
    const one = connect({ timeoutMs: 5000 });
    await using other = connect({ timeoutMs: 5000 });
    await one.limiter.allow({});
    await one.close();
    assert.equal((await other.limiter.allow({})).source, "sidecar");
  });
});
