import { status, type ServiceError } from "@grpc/grpc-js";

/**
 * Codes of an {@link OutriggerError}: what can only be a mistake of the caller's, and `CLOSED`, a call of a client
 * that was closed.
 */
export type OutriggerErrorCode =
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "FAILED_PRECONDITION"
  | "PERMISSION_DENIED"
  | "UNAUTHENTICATED"
  | "OUT_OF_RANGE"
  | "CLOSED";

/**
 * The caller's mistake: a field out of range, a name that is not configured, a call after `close`. A denial is not
 * one, nor is a sidecar that does not answer.
 */
export class OutriggerError extends Error {
  override readonly name = "OutriggerError";
  readonly code: OutriggerErrorCode;

  constructor(code: OutriggerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const MISTAKES = new Map<number, OutriggerErrorCode>([
  [status.INVALID_ARGUMENT, "INVALID_ARGUMENT"],
  [status.NOT_FOUND, "NOT_FOUND"],
  [status.FAILED_PRECONDITION, "FAILED_PRECONDITION"],
  [status.PERMISSION_DENIED, "PERMISSION_DENIED"],
  [status.UNAUTHENTICATED, "UNAUTHENTICATED"],
  [status.OUT_OF_RANGE, "OUT_OF_RANGE"],
]);

/** The error to throw for a gRPC status, or undefined if a policy answers instead. */
export function mistakeOf(code: number, message: string): OutriggerError | undefined {
  const name = MISTAKES.get(code);
  return name === undefined ? undefined : new OutriggerError(name, message);
}

/** The same for an error of a call's. */
export function mistakeOfCall(error: ServiceError): OutriggerError | undefined {
  return mistakeOf(error.code, error.details);
}

/** The error of a call of a client that was closed. */
export function closedError(): OutriggerError {
  return new OutriggerError("CLOSED", "the client is closed");
}

/** Throws INVALID_ARGUMENT unless `value` is a finite number from `least` to `most`. */
export function checkNumber(name: string, value: number, least: number, most: number): number {
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    throw new OutriggerError("INVALID_ARGUMENT", `${name}: must be a number from ${least} to ${most}`);
  }
  return value;
}

/** The same for a whole number from 0. */
export function checkWhole(name: string, value: number, most: number): number {
  if (!Number.isInteger(value)) throw new OutriggerError("INVALID_ARGUMENT", `${name}: must be a whole number`);
  return checkNumber(name, value, 0, most);
}

/** Throws INVALID_ARGUMENT for what plain JavaScript gave instead of a string. */
export function checkString(name: string, value: string): string {
  if (typeof value !== "string") throw new OutriggerError("INVALID_ARGUMENT", `${name}: must be a string`);
  return value;
}
