import type { Decision, LimitStatus } from "./decision.js";

/**
 * What a decision with `detail` says in HTTP: Retry-After (only denied, and only if there is a time), and RateLimit
 * and RateLimit-Policy as in draft-ietf-httpapi-ratelimit-headers-11, one item for each limit that applied. A
 * fallback's decision has Retry-After only.
 */
export function rateLimitHeaders(decision: Decision): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!decision.allowed && decision.retryAfterMs !== undefined) {
    headers["Retry-After"] = String(wholeSeconds(decision.retryAfterMs));
  }
  const statuses = decision.statuses.filter((status) => !status.shadow && !status.unlimited);
  if (statuses.length > 0) {
    headers["RateLimit"] = statuses.map(stateOf).join(", ");
    headers["RateLimit-Policy"] = statuses.map(policyOf).join(", ");
  }
  return headers;
}

function stateOf(status: LimitStatus): string {
  return `${quoted(status.limit)};r=${status.remaining};t=${wholeSeconds(status.resetAfterMs)}`;
}

function policyOf(status: LimitStatus): string {
  return `${quoted(status.limit)};q=${status.burst};w=${wholeSeconds(status.windowMs)}`;
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

// A string of RFC 9651.
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
