import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { rateLimit, type Decision, type Outrigger } from "../src/index.js";
import { given, type Args } from "./agent.js";

/** The ops of limits. */
export class Limits {
  private readonly client: () => Outrigger;

  constructor(client: () => Outrigger) {
    this.client = client;
  }

  readonly ops = {
    allow: async (args: Args) =>
      answerOf(await this.client().limiter.allow(args["attributes"] ?? {}, optionsOf(args))),
    allow_burst: (args: Args) => this.burst(args),
    wait_if_needed: async (args: Args) =>
      answerOf(await this.client().limiter.waitIfNeeded(args["attributes"] ?? {}, optionsOf(args))),
    report_outcome: async ({ attributes = {}, limit, result }: Args) => ({
      current_rate: await this.client().limiter.report(attributes, { result, ...given({ limit }) }),
    }),
    refund: async ({ attributes = {}, cost, limit }: Args) => {
      await this.client().limiter.refund(attributes, given({ cost, limit }));
    },
    headers: (args: Args) => this.headers(args),
  };

  private async burst({ attributes, count }: Args): Promise<unknown> {
    const limiter = this.client().limiter;
    const decisions = await Promise.all(Array.from({ length: count }, () => limiter.allow(attributes)));
    const many = (test: (decision: Decision) => boolean): number => decisions.filter(test).length;
    return {
      allowed: many((decision) => decision.allowed),
      denied: many((decision) => !decision.allowed),
      fallbacks: many((decision) => decision.source === "fallback"),
    };
  }

  // What the middleware answers, from a real server.
  private async headers({ attributes, cost }: Args): Promise<unknown> {
    const limited = rateLimit(this.client().limiter, { attributes: () => attributes, ...given({ cost: cost && (() => cost) }) });
    const server = createServer((request, response) => {
      limited(request, response, (error) => response.writeHead(error === undefined ? 200 : 500).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
    server.close();
    return { status: response.status, headers: Object.fromEntries(response.headers) };
  }
}

function optionsOf({ cost, limit, max_wait_ms, detail }: Args): Args {
  return given({ cost, limit, maxWaitMs: max_wait_ms, detail });
}

function answerOf(decision: Decision): unknown {
  return {
    allowed: decision.allowed,
    limit: decision.limit,
    remaining: decision.remaining,
    retry_after_ms: decision.retryAfterMs ?? null,
    reset_after_ms: decision.resetAfterMs,
    degraded: decision.degraded,
    source: decision.source,
    statuses: decision.statuses.map(({ limit, allowed, remaining, burst, windowMs }) => ({
      limit, allowed, remaining, burst, window_ms: windowMs,
    })),
  };
}
