import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  InterceptingCall,
  Metadata,
  status,
  type InterceptorOptions,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type StatusObject,
} from "@grpc/grpc-js";
import { breakerInterceptor, connect, type Breaker, type Permit } from "../src/index.js";
import {
  AcquireResponse,
  BreakerService,
  Result,
  State,
  type Outcome,
  type ReportRequest,
} from "../src/gen/outrigger/breaker/v1/breaker.js";
import {
  CacheService,
  GetManyResponse,
  GetResponse,
  Status,
  type AbandonRequest,
} from "../src/gen/outrigger/cache/v1/cache.js";
import { FakeSidecar } from "./support/fake-sidecar.js";
import { until } from "./support/until.js";

const enough = new Error("enough");

/** A sidecar that gives the right to load, once the caller has gone. */
async function lateCache() {
  const late: (() => void)[] = [];
  const abandoned: string[] = [];
  const miss = GetResponse.fromPartial({ status: Status.MISS, fillToken: Buffer.from("t") });
  const sidecar = await new FakeSidecar().serve(CacheService, {
    get: (_call: unknown, callback: sendUnaryData<GetResponse>) => void late.push(() => callback(null, miss)),
    getMany: (_call: unknown, callback: sendUnaryData<GetManyResponse>) =>
      void late.push(() => callback(null, { responses: [miss, miss] })),
    abandon: ({ request }: ServerUnaryCall<AbandonRequest, unknown>, callback: sendUnaryData<object>) => {
      abandoned.push(request.key);
      callback(null, {});
    },
  });
  return { sidecar, late, abandoned };
}

describe("a caller that goes while the sidecar is asked", () => {
  it("does not keep the right to load", async () => {
    const { sidecar, late, abandoned } = await lateCache();
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 60_000 });
    const cache = outrigger.cache<string>("n");
    const abort = new AbortController();
    const { signal } = abort;
    const calls = [
      cache.getOrLoad("a", () => assert.fail("it has gone"), { signal }),
      cache.getOrLoadMany(["b", "c"], () => assert.fail("it has gone"), { signal }),
    ];
    await until(() => late.length === 2);
    abort.abort(enough);
    for (const call of calls) await assert.rejects(call, enough);
    for (const answer of late) answer();
    await until(() => abandoned.length === 3);
    assert.deepEqual(abandoned.sort(), ["a", "b", "c"]);
  });

  it("does not keep a probe", async () => {
    const late: (() => void)[] = [];
    const outcomes: Outcome[] = [];
    await using sidecar = await new FakeSidecar().serve(BreakerService, {
      watch: (_stream: ServerWritableStream<unknown, unknown>) => undefined,
      acquire: (_call: unknown, callback: sendUnaryData<AcquireResponse>) => {
        const answer = { allowed: true, state: State.HALF_OPEN, generation: 7n, permit: 5n, probe: true };
        late.push(() => callback(null, AcquireResponse.fromPartial(answer)));
      },
      report: (call: ServerUnaryCall<ReportRequest, unknown>, callback: sendUnaryData<{ dropped: number }>) => {
        outcomes.push(...call.request.outcomes);
        callback(null, { dropped: 0 });
      },
    });
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 60_000 });
    const abort = new AbortController();
    const call = outrigger.breaker("b").acquire({ signal: abort.signal });
    await until(() => late.length === 1);
    abort.abort(enough);
    await assert.rejects(call, enough);
    for (const answer of late) answer();
    await until(() => outcomes.length === 1);
    assert.deepEqual([outcomes[0]?.permit, outcomes[0]?.result], [5n, Result.IGNORED]);
  });

  it("does not begin a gRPC call that it cancels when its permit has just come", async () => {
    const ends: string[] = [];
    const permit = { end: (result: string) => void ends.push(result) } as unknown as Permit;
    const breaker = { tryAcquire: () => undefined, acquire: () => Promise.resolve(permit) } as unknown as Breaker;
    const next = { start: () => assert.fail("it was cancelled") } as unknown as InterceptingCall;
    const options = { method_definition: { path: "/p.S/M" } } as InterceptorOptions;
    const call = breakerInterceptor(breaker)(options, () => next);
    const statuses: StatusObject[] = [];
    call.start(new Metadata(), { onReceiveStatus: (ended) => void statuses.push(ended) });
    call.cancelWithStatus(status.CANCELLED, "enough");
    await until(() => ends.length === 1 && statuses.length === 1);
    assert.deepEqual([ends, statuses[0]?.code], [["ignored"], status.CANCELLED]);
  });
});
