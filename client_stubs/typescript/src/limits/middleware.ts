import type { IncomingMessage, ServerResponse } from "node:http";
import type { Attributes, Decision } from "./decision.js";
import { rateLimitHeaders } from "./headers.js";
import type { Limiter } from "./limiter.js";

/** How requests are limited. */
export interface MiddlewareOptions<Request extends IncomingMessage = IncomingMessage> {
  /** Who and what a request is for. Undefined: it is not limited. */
  attributes: (request: Request) => Attributes | undefined | Promise<Attributes | undefined>;
  /** What it costs, in tokens. Unset: 1. */
  cost?: (request: Request) => number;
  /** By this limit only. Unset: by all that match. */
  limit?: string;
  /** Answers a request that was denied; status 429 and headers are set. Unset: a line of text. */
  denied?: (request: Request, response: ServerResponse, decision: Decision) => void;
}

/** What Express, Connect and others alike call a middleware. */
export type Middleware<Request extends IncomingMessage = IncomingMessage> = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * A middleware for Express, Connect, or your own node:http handler: answers 429 to what is denied and calls `next` for
 * the rest, with Retry-After, RateLimit and RateLimit-Policy headers. A mistake (such as a limit that is not configured),
 * and what the functions in its options throw, goes to `next` as an error.
 */
export function rateLimit<Request extends IncomingMessage = IncomingMessage>(
  limiter: Limiter,
  options: MiddlewareOptions<Request>,
): Middleware<Request> {
  return (request, response, next) => {
    passes(limiter, options, request, response).then((passed) => {
      if (passed) next();
    }, next);
  };
}

// False: it was answered.
async function passes<Request extends IncomingMessage>(
  limiter: Limiter,
  options: MiddlewareOptions<Request>,
  request: Request,
  response: ServerResponse,
): Promise<boolean> {
  const decision = await decide(limiter, options, request);
  if (decision === undefined) return true;
  for (const [name, value] of Object.entries(rateLimitHeaders(decision))) response.setHeader(name, value);
  if (decision.allowed) return true;
  response.statusCode = 429;
  await (options.denied ?? sayTooMany)(request, response, decision); // it may be async
  return false;
}

async function decide<Request extends IncomingMessage>(
  limiter: Limiter,
  { attributes, cost, limit }: MiddlewareOptions<Request>,
  request: Request,
): Promise<Decision | undefined> {
  const found = await attributes(request);
  if (found === undefined) return undefined;
  return limiter.allow(found, {
    detail: true,
    ...(cost === undefined ? {} : { cost: cost(request) }),
    ...(limit === undefined ? {} : { limit }),
  });
}

function sayTooMany(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("Too many requests.\n");
}
