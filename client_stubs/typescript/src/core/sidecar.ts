import { Client, credentials, type CallOptions, type ClientUnaryCall, type Metadata, type ServiceError } from "@grpc/grpc-js";
import { BreakerClient } from "../gen/outrigger/breaker/v1/breaker.js";
import { CacheClient } from "../gen/outrigger/cache/v1/cache.js";
import { PoolClient } from "../gen/outrigger/pool/v1/pool.js";
import { RateLimiterClient } from "../gen/outrigger/ratelimit/v1/rate_limiter.js";
import { ChannelShare } from "./channel.js";
import { closedError, mistakeOfCall } from "./errors.js";
import { traceMetadata } from "./trace.js";

/** Where an answer is from: the sidecar, or a policy of this process because the sidecar did not answer. */
export type Source = "sidecar" | "fallback";

/** A generated client's method, bound to it. */
export type UnaryMethod<Request, Answer> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, answer: Answer) => void,
) => ClientUnaryCall;

/** What one call may be told besides its request. */
export interface AskOptions<Answer> {
  /** How long the sidecar may take, beyond the client's usual timeout. Unset: nothing. */
  waitMs?: number | undefined;
  /** The caller's own end of patience. */
  signal?: AbortSignal | undefined;
  /** Gets an answer that comes after the signal, to give back what that grants. Unset: the call is cancelled by then. */
  late?: ((answer: Answer) => void) | undefined;
}

const LONGEST_GRACE_MS = 500;

/** The generated clients of one sidecar, on a channel shared with the process' other clients. */
export class Sidecar {
  readonly limits: RateLimiterClient;
  readonly cache: CacheClient;
  readonly breaker: BreakerClient;
  readonly pool: PoolClient;
  /** For each call, milliseconds. */
  readonly timeoutMs: number;
  private readonly share: ChannelShare;
  private isClosed = false;
  private disconnected = false;
  private readonly calls = new Set<ClientUnaryCall>(); // under way

  constructor(target: string, timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.share = new ChannelShare(target);
    const options = { channelOverride: this.share.channel };
    const insecure = credentials.createInsecure();
    this.limits = new RateLimiterClient(target, insecure, options);
    this.cache = new CacheClient(target, insecure, options);
    this.breaker = new BreakerClient(target, insecure, options);
    this.pool = new PoolClient(target, insecure, options);
  }

  /** Throws CLOSED after `close`. */
  checkOpen(): void {
    if (this.isClosed) throw closedError();
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** From now on calls of the application's are refused; the library's own still pass until `disconnect`. */
  close(): void {
    this.isClosed = true;
  }

  /** How long ending in good order may take, milliseconds. */
  get graceMs(): number {
    return Math.min(this.timeoutMs, LONGEST_GRACE_MS);
  }

  /** Ends calls that are under way, which are answered by the policy, and gives up the channel. */
  disconnect(): void {
    this.disconnected = true;
    for (const call of this.calls) call.cancel();
    this.share.release();
  }

  /**
   * The sidecar's answer, or undefined if there was none in time: then a policy decides. Rejects with an
   * OutriggerError for a mistake, and with the signal's reason if that fires first.
   */
  ask<Request, Answer>(
    client: Client,
    method: UnaryMethod<Request, Answer>,
    request: Request,
    { waitMs = 0, signal, late }: AskOptions<Answer> = {},
  ): Promise<Answer | undefined> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.disconnected) return resolve(undefined);
      const options = { deadline: Date.now() + waitMs + this.timeoutMs };
      const call = method.call(client, request, traceMetadata(), options, (error, answer) => {
        this.calls.delete(call);
        signal?.removeEventListener("abort", abort);
        if (error === null) {
          if (signal?.aborted) late?.(answer);
          return resolve(answer);
        }
        const mistake = mistakeOfCall(error);
        if (mistake === undefined) resolve(undefined);
        else reject(mistake);
      });
      this.calls.add(call);
      const abort = (): void => {
        reject(signal?.reason);
        if (late === undefined) call.cancel();
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}
