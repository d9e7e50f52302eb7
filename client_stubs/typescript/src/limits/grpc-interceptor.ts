import {
  Metadata,
  ServerInterceptingCall,
  status,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from "@grpc/grpc-js";
import type { Attributes, Decision } from "./decision.js";
import { rateLimitHeaders } from "./headers.js";
import type { Limiter } from "./limiter.js";

/** A call that a gRPC server has received. */
export interface ReceivedCall {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly metadata: Metadata;
  /** The caller's address. */
  readonly peer: string;
}

/** How calls are limited. */
export interface ServerLimitOptions {
  /** Who and what a call is for. Undefined: it is not limited. */
  attributes: (call: ReceivedCall) => Attributes | undefined | Promise<Attributes | undefined>;
  /** What it costs, in tokens. Unset: 1. */
  cost?: (call: ReceivedCall) => number;
  /** By this limit only. Unset: by all that match. */
  limit?: string;
}

/**
 * An interceptor for grpc-js servers: `new Server({ interceptors: [rateLimitCalls(limiter, …)] })`. Answers
 * RESOURCE_EXHAUSTED to what is denied, with retry-after, ratelimit and ratelimit-policy in its metadata, which
 * admitted calls have as well. A mistake (such as a limit that is not configured) is INTERNAL.
 */
export function rateLimitCalls(limiter: Limiter, options: ServerLimitOptions): ServerInterceptor {
  return (method, call) => {
    let headers: Record<string, string> = {};
    return new ServerInterceptingCall(call, {
      start: (next) => next({
        onReceiveMetadata: (metadata, forward) => {
          decide(limiter, options, { path: method.path, metadata, peer: call.getPeer() }).then((decision) => {
            headers = decision === undefined ? {} : rateLimitHeaders(decision);
            if (decision === undefined || decision.allowed) forward(metadata);
            else deny(call, decision, headers);
          }, (error: unknown) => fail(call, error));
        },
      }),
      sendMetadata: (metadata, next) => {
        addTo(metadata, headers);
        next(metadata);
      },
    });
  };
}

async function decide(
  limiter: Limiter,
  { attributes, cost, limit }: ServerLimitOptions,
  call: ReceivedCall,
): Promise<Decision | undefined> {
  const found = await attributes(call);
  if (found === undefined) return undefined;
  return limiter.allow(found, {
    detail: true,
    ...(cost === undefined ? {} : { cost: cost(call) }),
    ...(limit === undefined ? {} : { limit }),
  });
}

function deny(call: ServerInterceptingCallInterface, decision: Decision, headers: Record<string, string>): void {
  const metadata = new Metadata();
  addTo(metadata, headers);
  const details = decision.limit === "" ? "rate limited" : `rate limited by ${decision.limit}`;
  call.sendStatus({ code: status.RESOURCE_EXHAUSTED, details, metadata });
}

function fail(call: ServerInterceptingCallInterface, error: unknown): void {
  const details = error instanceof Error ? error.message : String(error);
  call.sendStatus({ code: status.INTERNAL, details: `rate limit: ${details}` });
}

function addTo(metadata: Metadata, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) metadata.set(name.toLowerCase(), value);
}
