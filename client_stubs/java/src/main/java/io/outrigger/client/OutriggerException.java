package io.outrigger.client;

/**
 * A mistake of the caller's: a wrong argument, a name that the sidecar's configuration does not
 * have, a client that is closed, or a wait that the caller itself has cut short.
 *
 * <p>That the sidecar is gone, hangs or drains is never an exception: the part's policy answers
 * then, and the answer's {@link Source} is {@link Source#FALLBACK}.
 */
public final class OutriggerException extends RuntimeException {

  /** What was wrong. The first six are gRPC's codes of the same names. */
  public enum Code {
    /** A field is out of range; the message has its path. */
    INVALID_ARGUMENT,
    /** The sidecar's configuration has nothing of that name. */
    NOT_FOUND,
    /** What was asked for needs an option that is not set. */
    FAILED_PRECONDITION,
    /** The sidecar does not permit it. */
    PERMISSION_DENIED,
    /** The sidecar does not know the caller. */
    UNAUTHENTICATED,
    /** A value is outside of what is possible. */
    OUT_OF_RANGE,
    /** The caller's thread was interrupted, or its gRPC context was cancelled. */
    CANCELLED,
    /** The client was closed before the call. */
    CLOSED
  }

  private final Code code;

  /**
   * An error with its code.
   *
   * @param code what was wrong
   * @param message the same for people
   */
  public OutriggerException(Code code, String message) {
    super(message);
    this.code = code;
  }

  /**
   * What was wrong.
   *
   * @return never null
   */
  public Code code() {
    return code;
  }
}
