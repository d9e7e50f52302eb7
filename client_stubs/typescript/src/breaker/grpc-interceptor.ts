import {
  InterceptingCall,
  Metadata,
  status,
  type InterceptingListener,
  type Interceptor,
  type StatusObject,
} from "@grpc/grpc-js";
import type { Breaker } from "./breaker.js";
import { classifyCode, tryClassify, type Result } from "./classify.js";
import { BreakerOpenError, type Permit } from "./permit.js";

/** How a gRPC client's calls go through a breaker. */
export interface BreakerInterceptorOptions {
  /** The breaker's method for a call's path, `/package.Service/Method`. Unset: none. */
  method?: (path: string) => string;
  /** Tells from a call's status how it ended. Unset: `classifyCode`. */
  classify?: (code: status) => Result;
}

/**
 * An interceptor for grpc-js clients: `new PaymentsClient(target, credentials, { interceptors: [breakerInterceptor(breaker)] })`.
 * A call that the breaker does not let pass ends with UNAVAILABLE, the reason in its details, and `retry-after` (whole
 * seconds) in its metadata.
 */
export function breakerInterceptor(breaker: Breaker, options: BreakerInterceptorOptions = {}): Interceptor {
  const { classify = classifyCode } = options;
  return (callOptions, nextCall) => {
    const method = options.method?.(callOptions.method_definition.path) ?? "";
    let cancelled: (() => void) | undefined; // while the sidecar is asked
    return new InterceptingCall(nextCall(callOptions), {
      start(metadata, listener, next) {
        const begin = (permit: Permit): void => {
          next(metadata, {
            onReceiveStatus(ended, forward) {
              permit.end(tryClassify(classify, ended.code));
              forward(ended);
            },
          });
        };
        const verdict = tryAcquire(breaker, method);
        if (verdict instanceof BreakerOpenError) return end(listener, deniedStatus(verdict));
        if (verdict !== undefined) return begin(verdict);
        const abort = new AbortController();
        cancelled = () => {
          abort.abort();
          end(listener, { code: status.CANCELLED, details: "Cancelled on client", metadata: new Metadata() });
        };
        breaker.acquire({ method, signal: abort.signal }).then((permit) => {
          cancelled = undefined;
          if (abort.signal.aborted) permit.end("ignored"); // cancelled when the answer had just come
          else begin(permit);
        }, (error: unknown) => {
          cancelled = undefined;
          if (!abort.signal.aborted) end(listener, deniedStatus(error));
        });
      },
      cancel(next) {
        if (cancelled === undefined) next();
        else cancelled();
      },
    });
  };
}

// A client that was closed lets acquire tell.
function tryAcquire(breaker: Breaker, method: string): Permit | BreakerOpenError | undefined {
  try {
    return breaker.tryAcquire(method);
  } catch {
    return undefined;
  }
}

function end(listener: InterceptingListener, ended: StatusObject): void {
  // Not within start: callers do not expect their answer before their call has returned.
  process.nextTick(() => listener.onReceiveStatus(ended));
}

function deniedStatus(error: unknown): StatusObject {
  const metadata = new Metadata();
  if (!(error instanceof BreakerOpenError)) {
    return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error), metadata };
  }
  if (error.retryAfterMs > 0) metadata.set("retry-after", String(Math.ceil(error.retryAfterMs / 1000)));
  return { code: status.UNAVAILABLE, details: error.message, metadata };
}
