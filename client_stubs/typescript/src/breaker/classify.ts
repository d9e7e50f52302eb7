import { status } from "@grpc/grpc-js";

/** How a call ended: well; badly, for which the service is to blame; or in a way that says nothing about it. */
export type Result = "success" | "failure" | "ignored";

/** Tells from what a call threw how it ended. */
export type Classify = (error: unknown) => Result;

/** `result`, or `otherwise` for what plain JavaScript gave instead of one. */
export function knownResult(result: Result, otherwise: Result): Result {
  return result === "success" || result === "failure" || result === "ignored" ? result : otherwise;
}

/** What `classify` says; a failure if it throws, which must not hide how the call ended, or says nothing. */
export function tryClassify<Subject>(classify: (subject: Subject) => Result, subject: Subject): Result {
  try {
    return knownResult(classify(subject), "failure");
  } catch {
    return "failure";
  }
}

const CALLERS_DOING: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
]);

/**
 * The usual classification. Cancelled by the caller (an AbortError, gRPC's CANCELLED): ignored. An HTTP status below
 * 500 (`status`, `statusCode`, or the same of `response`), and gRPC codes that are the caller's doing: success. All
 * else, timeouts among it: failure.
 */
export function classifyError(error: unknown): Result {
  if (typeof error !== "object" || error === null) return "failure";
  const { name, code, details, metadata } = error as Record<string, unknown>;
  if (name === "AbortError" || code === "ABORT_ERR") return "ignored";
  if (typeof code === "number" && typeof details === "string" && metadata !== undefined) return classifyCode(code);
  const http = httpStatusOf(error) ?? httpStatusOf((error as { response?: unknown }).response);
  return http !== undefined && http < 500 ? "success" : "failure";
}

/** The same for a gRPC status code. */
export function classifyCode(code: number): Result {
  if (code === status.CANCELLED) return "ignored";
  return code === status.OK || CALLERS_DOING.has(code) ? "success" : "failure";
}

function httpStatusOf(holder: unknown): number | undefined {
  if (typeof holder !== "object" || holder === null) return undefined;
  const { status: short, statusCode: long } = holder as Record<string, unknown>;
  return [short, long].find((code): code is number => typeof code === "number" && code >= 100 && code < 600);
}
