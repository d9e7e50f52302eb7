import { ReportRequest_Result, type AllowRequest } from "../gen/outrigger/ratelimit/v1/rate_limiter.js";
import { fromMs, fromOptionalMs } from "../core/durations.js";
import { checkNumber, checkString, checkWhole } from "../core/errors.js";
import type { Sidecar } from "../core/sidecar.js";
import type { PartStats } from "../core/stats.js";
import { isSampled } from "../core/trace.js";
import { AllowStream } from "./allow-stream.js";
import { decisionOf, fallbackDecision, type Attributes, type Decision } from "./decision.js";
import { LocalBuckets } from "./local-buckets.js";

/** What decides when the sidecar does not answer. */
export interface LimitsPolicy {
  /** `allow` (the default); `deny`, to be tried again after 1 s; `local`: a token bucket of this process. */
  onUnavailable?: "allow" | "deny" | "local";
  /** `local`: tokens that return each second, 0 or more. Unset: 100. */
  ratePerSecond?: number;
  /** `local`: tokens that a bucket holds, 1 or more. Unset: `ratePerSecond`, at least 1. */
  burst?: number;
}

/** What `allow` may be told besides the attributes. */
export interface AllowOptions {
  /** Tokens to take, a whole number up to 1,000,000,000. 0 asks, and takes nothing. Unset: 1. */
  cost?: number;
  /** Decide by this limit only. Unset: by all that match. */
  limit?: string;
  /** How long to wait for tokens, milliseconds, at most an hour. Unset: not at all. */
  maxWaitMs?: number;
  /** Also answer `statuses`, one for each limit that applied. */
  detail?: boolean;
  /** The caller's own end of patience: rejects with its reason. */
  signal?: AbortSignal;
}

/** What `refund` may be told besides the attributes. */
export type RefundOptions = Pick<AllowOptions, "cost" | "limit" | "signal">;

/** How calls that an adaptive limit admitted have ended. */
export interface CallReport {
  /** `throttled`: the upstream said that it is overloaded. */
  result: "success" | "failure" | "throttled";
  /** Report to this limit only. Unset: to every adaptive limit that matches. */
  limit?: string;
  /** How long the calls took, each; milliseconds. */
  durationMs?: number;
  /** How many calls ended so. Unset: 1. */
  count?: number;
  signal?: AbortSignal;
}

const MOST_TOKENS = 1_000_000_000;

/**
 * Asks whether requests may proceed. Made by `connect`; as many calls at a time as you like.
 *
 * No method throws because the sidecar is gone: the policy decides, and `source` says so. An OutriggerError is the
 * caller's own mistake.
 */
export class Limiter {
  private readonly sidecar: Sidecar;
  private readonly stats: PartStats;
  private readonly policy: LimitsPolicy;
  private readonly local: LocalBuckets;
  private readonly stream: AllowStream;

  /** @internal */
  constructor(sidecar: Sidecar, stats: PartStats, policy: LimitsPolicy) {
    const rate = checkNumber("limits.ratePerSecond", policy.ratePerSecond ?? 100, 0, Number.MAX_VALUE);
    const burst = checkNumber("limits.burst", policy.burst ?? Math.max(1, rate), 1, Number.MAX_VALUE);
    this.sidecar = sidecar;
    this.stats = stats;
    this.policy = policy;
    this.local = new LocalBuckets(rate, burst);
    this.stream = new AllowStream(sidecar);
  }

  /**
   * May this request proceed now? Cost is taken from every limit that matches, or from none.
   *
   * Calls made at the same time go out as one message; one that may wait, or whose trace is sampled, goes alone.
   */
  async allow(attributes: Attributes, options: AllowOptions = {}): Promise<Decision> {
    this.sidecar.checkOpen();
    const { signal, maxWaitMs = 0 } = options;
    signal?.throwIfAborted();
    const request = requestOf(attributes, options);
    this.stats.calls++;
    if (maxWaitMs === 0 && !isSampled()) return this.askStream(request, signal);
    const client = this.sidecar.limits;
    const answer = await this.sidecar.ask(client, client.allow, request, { waitMs: maxWaitMs, signal });
    return answer === undefined ? this.fallback(request) : decisionOf(answer);
  }

  /** `allow` that waits for its tokens, 1 s unless `maxWaitMs` says otherwise. */
  waitIfNeeded(attributes: Attributes, options: AllowOptions = {}): Promise<Decision> {
    return this.allow(attributes, { ...options, maxWaitMs: options.maxWaitMs ?? 1000 });
  }

  /** Tells an adaptive limit how calls ended. Answers its rate, tokens a second; undefined: the sidecar is gone. */
  async report(attributes: Attributes, report: CallReport): Promise<number | undefined> {
    this.sidecar.checkOpen();
    const request = {
      attributes: checkAttributes(attributes),
      limit: report.limit ?? "",
      result: resultOf(report.result),
      duration: fromOptionalMs("durationMs", report.durationMs),
      count: BigInt(checkWhole("count", report.count ?? 0, Number.MAX_SAFE_INTEGER)),
    };
    this.stats.calls++;
    const client = this.sidecar.limits;
    const answer = await this.sidecar.ask(client, client.report, request, { signal: report.signal });
    if (answer === undefined) this.stats.fallbacks++;
    return answer?.currentRate;
  }

  /** Gives back cost that was taken and not used. Says whether the sidecar heard it. */
  async refund(attributes: Attributes, { cost, limit = "", signal }: RefundOptions = {}): Promise<boolean> {
    this.sidecar.checkOpen();
    const request = { attributes: checkAttributes(attributes), limit, cost: costOf(cost) };
    this.stats.calls++;
    const client = this.sidecar.limits;
    const answer = await this.sidecar.ask(client, client.refund, request, { signal });
    if (answer === undefined) this.stats.fallbacks++;
    return answer !== undefined;
  }

  /** @internal Questions that wait for their answer on the stream. */
  get pending(): number {
    return this.stream.pending + this.stream.messages;
  }

  /** @internal */
  close(): void {
    this.stream.close();
  }

  private askStream(request: AllowRequest, signal: AbortSignal | undefined): Promise<Decision> {
    return new Promise((resolve, reject) => {
      const forget = this.stream.ask(request, {
        answered: (response) => {
          signal?.removeEventListener("abort", abort);
          resolve(response === undefined ? this.fallback(request) : decisionOf(response));
        },
        failed: (error) => {
          signal?.removeEventListener("abort", abort);
          reject(error);
        },
      });
      const abort = (): void => {
        forget();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  private fallback({ attributes, cost }: AllowRequest): Decision {
    this.stats.fallbacks++;
    switch (this.policy.onUnavailable) {
      case "deny":
        return fallbackDecision(false, 1000);
      case "local":
        return this.local.take(attributes, Number(cost ?? 1n));
      default:
        return fallbackDecision(true);
    }
  }
}

function requestOf(attributes: Attributes, options: AllowOptions): AllowRequest {
  return {
    attributes: checkAttributes(attributes),
    cost: costOf(options.cost),
    maxWait: options.maxWaitMs ? fromMs("maxWaitMs", options.maxWaitMs) : undefined,
    limit: checkString("limit", options.limit ?? ""),
    detail: options.detail ?? false,
  };
}

function costOf(cost: number | undefined): bigint | undefined {
  return cost === undefined ? undefined : BigInt(checkWhole("cost", cost, MOST_TOKENS));
}

// What is no text could not be written, and would take others' questions in the same message with it. A copy: the
// caller may change its own before that is written.
function checkAttributes(attributes: Attributes): Record<string, string> {
  const copy = { ...attributes };
  for (const name in copy) checkString(`attributes[${JSON.stringify(name)}]`, copy[name] as string);
  return copy;
}

function resultOf(result: CallReport["result"]): ReportRequest_Result {
  switch (result) {
    case "success":
      return ReportRequest_Result.SUCCESS;
    case "failure":
      return ReportRequest_Result.FAILURE;
    case "throttled":
      return ReportRequest_Result.THROTTLED;
  }
}
