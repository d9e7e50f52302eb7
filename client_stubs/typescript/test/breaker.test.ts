import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BreakerOpenError, connect, Permit, type Outrigger } from "../src/index.js";
import {
  AcquireResponse,
  BreakerService,
  Result,
  State,
  WatchResponse,
  type Outcome,
  type ReportRequest,
} from "../src/gen/outrigger/breaker/v1/breaker.js";
import type { sendUnaryData, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import { FakeSidecar } from "./support/fake-sidecar.js";
import { OwnSidecar } from "./support/own-sidecar.js";
import { until } from "./support/until.js";

const CONFIG = `
breakers:
- {name: shop, consecutive_failures: 3, failure_rate: 0, minimum_calls: 1000, open_for: 1h}
- {name: calm, consecutive_failures: 0, failure_rate: 0}
`;

async function closed(outrigger: Outrigger, breaker: string): Promise<void> {
  await until(() => outrigger.breaker(breaker).knownState()?.state === "CLOSED");
}

/** A sidecar whose breaker is closed, and which keeps what is reported until `answer`. */
async function fakeBreaker(retryForMs = 60_000) {
  const reports: Outcome[][] = [];
  const answers: (() => void)[] = [];
  const duration = (ms: number) => ({ seconds: BigInt(Math.floor(ms / 1000)), nanos: 0 });
  const sidecar = await new FakeSidecar().serve(BreakerService, {
    watch: (stream: ServerWritableStream<unknown, WatchResponse>) => {
      stream.write(WatchResponse.fromPartial({
        breaker: "b", state: State.CLOSED, generation: 7n, admitRatio: 1, validFor: duration(retryForMs), session: 3n,
      }));
    },
    acquire: (_call: unknown, callback: sendUnaryData<AcquireResponse>) =>
      callback(null, AcquireResponse.fromPartial({ allowed: true, state: State.CLOSED, generation: 7n })),
    report: (call: ServerUnaryCall<ReportRequest, unknown>, callback: sendUnaryData<{ dropped: number }>) => {
      reports.push(call.request.outcomes);
      answers.push(() => callback(null, { dropped: 0 }));
    },
  });
  return { sidecar, reports, answer: () => answers.splice(0).forEach((each) => each()) };
}

describe("a breaker", () => {
  it("passes what the work returns or throws", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const breaker = outrigger.breaker("bench");
    assert.equal(await breaker.call(async () => 42), 42);
    assert.equal(await breaker.call(() => "at once"), "at once");
    const oh = new Error("oh");
    await assert.rejects(breaker.call(async () => { throw oh; }), oh);
    await assert.rejects(breaker.call(() => { throw oh; }), oh);
  });

  it("opens by failures, says why, and calls a fallback if there is one", async () => {
    await using sidecar = new OwnSidecar(CONFIG);
    sidecar.start();
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    await closed(outrigger, "shop");
    const shop = outrigger.breaker("shop");
    for (let i = 0; i < 3; i++) {
      await shop.call(() => ({ status: 503 }), { classifyValue: ({ status }) => (status < 500 ? "success" : "failure") });
    }
    await until(() => shop.knownState()?.state === "OPEN");
    await assert.rejects(shop.call(() => assert.fail("it is open")), (error: unknown) => {
      assert.ok(error instanceof BreakerOpenError);
      assert.deepEqual([error.state, error.reason, error.source], ["OPEN", "CONSECUTIVE_FAILURES", "sidecar"]);
      assert.ok(error.retryAfterMs > 0);
      assert.match(error.message, /in a row/);
      return true;
    });
    assert.equal(await shop.call(() => "work", { fallback: (denied) => denied.state }), "OPEN");
  });

  it("reports in order and in batches: failures at once, one report at a time", async () => {
    const { sidecar, reports, answer } = await fakeBreaker();
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    await closed(outrigger, "b");
    const end = (result: "success" | "failure") => (outrigger.breaker("b").tryAcquire() as Permit).end(result);
    end("failure");
    await until(() => reports.length === 1);
    end("success");
    end("failure");
    end("success");
    answer();
    await until(() => reports.length === 2);
    answer();
    await outrigger.flush();
    const { SUCCESS, FAILURE } = Result;
    assert.deepEqual(reports.map((report) => report.map((each) => each.result)), [[FAILURE], [SUCCESS, FAILURE, SUCCESS]]);
    assert.equal(reports[0]?.[0]?.generation, 7n);
  });

  it("drops the oldest outcomes when the sidecar takes none, and counts them", async () => {
    const { sidecar, reports } = await fakeBreaker();
    await using _ = sidecar;
    const outrigger = connect({ target: sidecar.target, timeoutMs: 300 });
    await closed(outrigger, "b");
    const breaker = outrigger.breaker("b");
    for (let i = 0; i < 12_000; i++) (breaker.tryAcquire() as Permit).end(i % 2 === 0 ? "failure" : "success");
    assert.ok(outrigger.pending().breaker <= 10_000);
    assert.ok(outrigger.stats().outcomesDropped >= 1000);
    await until(() => reports.length > 0);
    assert.ok(reports.every((report) => report.length <= 1000));
    await outrigger.close();
  });

  it("counts a permit once", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    await closed(outrigger, "bench");
    const permit = await outrigger.breaker("bench").acquire();
    permit.end("success");
    permit.end("failure");
    assert.equal(outrigger.pending().breaker, 1);
  });

  it("does not lose an outcome because a classification throws", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const classify = () => { throw new Error("confused"); };
    const oh = new Error("oh");
    const breaker = outrigger.breaker("bench", { classify });
    await assert.rejects(breaker.call(() => { throw oh; }), oh);
    assert.equal(await breaker.call(() => 1, { classifyValue: classify }), 1);
  });

  it("takes for a failure what plain JavaScript classified as nothing", async () => {
    const { sidecar, reports } = await fakeBreaker();
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 300 });
    await closed(outrigger, "b");
    const breaker = outrigger.breaker("b");
    const nothing = () => undefined as unknown as "success";
    await breaker.call(() => 1, { classifyValue: nothing });
    await until(() => reports.length === 1);
    assert.deepEqual(reports[0]?.map((each) => each.result), [Result.FAILURE]);
    (breaker.tryAcquire() as Permit).end("SUCCESS" as "success");
    await until(() => reports.length === 2);
    assert.deepEqual(reports[1]?.map((each) => each.result), [Result.FAILURE]);
  });

  it("decides by itself without a sidecar", async () => {
    await using outrigger = connect({
      target: "unix:/nonexistent/o.sock",
      breaker: { failures: 2, openForMs: 60_000 },
    });
    const breaker = outrigger.breaker("shop");
    const oh = new Error("oh");
    for (let i = 0; i < 2; i++) await assert.rejects(breaker.call(() => { throw oh; }), oh);
    await assert.rejects(breaker.call(() => 1), { name: "BreakerOpenError", source: "fallback", state: "OPEN" });
    assert.deepEqual(outrigger.stats().breaker, { calls: 3, fallbacks: 3 });
  });

  it("watches again when its sidecar is back", async () => {
    await using sidecar = new OwnSidecar(CONFIG);
    sidecar.start();
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    await closed(outrigger, "calm");
    await sidecar.kill();
    await until(() => outrigger.breaker("calm").knownState() === undefined);
    sidecar.start();
    await closed(outrigger, "calm");
  });
});
