import assert from "node:assert/strict";
import { describe, it, before, after } from "node:test";
import { context, createTraceState, propagation, ROOT_CONTEXT, trace, type Context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { Metadata, sendUnaryData, ServerDuplexStream, ServerUnaryCall } from "@grpc/grpc-js";
import { connect } from "../src/index.js";
import {
  AllowResponse,
  RateLimiterService,
  type AllowStreamRequest,
  type AllowStreamResponse,
} from "../src/gen/outrigger/ratelimit/v1/rate_limiter.js";
import { FakeSidecar } from "./support/fake-sidecar.js";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN_ID = "b7ad6b7169203331";

function contextOf(sampled: boolean): Context {
  const span = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: sampled ? 1 : 0, traceState: createTraceState("a=1") };
  const baggage = propagation.createBaggage({ tenant: { value: "acme corp" } });
  return propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, span), baggage);
}

describe("a trace", () => {
  before(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
  after(() => context.disable());

  it("goes with each call: alone if it is sampled, else with the others'", async () => {
    const unary: Metadata[] = [];
    let streamed = 0;
    const response = AllowResponse.fromPartial({ allowed: true });
    await using sidecar = await new FakeSidecar().serve(RateLimiterService, {
      allow: (call: ServerUnaryCall<unknown, AllowResponse>, callback: sendUnaryData<AllowResponse>) => {
        unary.push(call.metadata);
        callback(null, response);
      },
      allowStream: (stream: ServerDuplexStream<AllowStreamRequest, AllowStreamResponse>) => {
        stream.on("data", ({ id }: AllowStreamRequest) => {
          streamed++;
          stream.write({ id, responses: [response], error: undefined });
        });
      },
    });
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    await context.with(contextOf(true), () => outrigger.limiter.allow({}));
    await context.with(contextOf(false), () => outrigger.limiter.allow({}));
    await outrigger.limiter.allow({});
    assert.deepEqual([unary.length, streamed], [1, 2]);
    await context.with(contextOf(false), () => outrigger.limiter.waitIfNeeded({}));
    await outrigger.limiter.waitIfNeeded({});
    const sent = unary.map((metadata) => ["traceparent", "tracestate", "baggage"].map((name) => metadata.get(name)[0]));
    assert.deepEqual(sent, [
      [`00-${TRACE_ID}-${SPAN_ID}-01`, "a=1", "tenant=acme%20corp"],
      [`00-${TRACE_ID}-${SPAN_ID}-00`, "a=1", "tenant=acme%20corp"],
      [undefined, undefined, undefined],
    ]);
  });
});
