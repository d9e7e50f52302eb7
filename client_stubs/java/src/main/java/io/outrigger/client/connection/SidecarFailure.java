package io.outrigger.client.connection;

import io.grpc.Status;
import io.outrigger.client.OutriggerException;

/** The sidecar did not answer a call, or answered with an error. Not for applications. */
public final class SidecarFailure extends RuntimeException {
  private final transient Status status;

  /**
   * A call's end.
   *
   * @param status not OK
   */
  public SidecarFailure(Status status) {
    super(status.toString(), null, false, false);
    this.status = status;
  }

  /**
   * That the client was closed under a call.
   *
   * @return a new one
   */
  public static SidecarFailure closedMeanwhile() {
    return new SidecarFailure(Status.UNAVAILABLE.withDescription("the client was closed"));
  }

  /**
   * That no answer came in time.
   *
   * @return a new one
   */
  public static SidecarFailure late() {
    return new SidecarFailure(Status.DEADLINE_EXCEEDED.withDescription("no answer in time"));
  }

  /**
   * That the caller itself has ended the call.
   *
   * @return a new one
   */
  public static SidecarFailure cancelledByCaller() {
    return new SidecarFailure(
        Status.CANCELLED.withDescription("cancelled by the caller").withCause(new CallersWish()));
  }

  /**
   * Throws if the caller is to blame; else returns, and the part's policy answers.
   *
   * @throws OutriggerException the caller's mistake, or its wish to end the call
   */
  public void throwIfCallers() {
    OutriggerException error = callersOrNull();
    if (error != null) {
      throw error;
    }
  }

  /**
   * The caller's mistake, if it is one.
   *
   * @return null: the sidecar did not answer
   */
  public OutriggerException callersOrNull() {
    OutriggerException.Code code =
        switch (status.getCode()) {
          case INVALID_ARGUMENT -> OutriggerException.Code.INVALID_ARGUMENT;
          case NOT_FOUND -> OutriggerException.Code.NOT_FOUND;
          case FAILED_PRECONDITION -> OutriggerException.Code.FAILED_PRECONDITION;
          case PERMISSION_DENIED -> OutriggerException.Code.PERMISSION_DENIED;
          case UNAUTHENTICATED -> OutriggerException.Code.UNAUTHENTICATED;
          case OUT_OF_RANGE -> OutriggerException.Code.OUT_OF_RANGE;
          case CANCELLED ->
              status.getCause() instanceof CallersWish ? OutriggerException.Code.CANCELLED : null;
          default -> null;
        };
    return code == null ? null : new OutriggerException(code, status.getDescription());
  }

  /**
   * The call's end.
   *
   * @return not OK
   */
  public Status status() {
    return status;
  }

  private static final class CallersWish extends Exception {
    CallersWish() {
      super(null, null, false, false);
    }
  }
}
