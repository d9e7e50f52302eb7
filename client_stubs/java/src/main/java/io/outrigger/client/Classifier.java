package io.outrigger.client;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.net.http.HttpResponse;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * Says what the end of a call tells about the service that was called. Breakers and pools ask it.
 * Must be thread-safe and quick; one that throws or returns null has seen a failure.
 */
public interface Classifier {

  /**
   * A call that ended with an exception.
   *
   * @param failure what was thrown
   * @return how the call counts
   */
  CallResult ofFailure(Throwable failure);

  /**
   * A call that returned. Unless it is overridden, an {@link HttpResponse} counts by its status,
   * and everything else is a success.
   *
   * @param value what was returned; may be null
   * @return how the call counts
   */
  default CallResult ofValue(Object value) {
    return value instanceof HttpResponse<?> response
        ? CallResult.ofHttpStatus(response.statusCode())
        : CallResult.SUCCESS;
  }

  /**
   * The usual classification. Interrupted and cancelled calls are ignored; gRPC codes that are the
   * caller's own doing are successes; all else is a failure.
   *
   * @return the same object each time
   */
  static Classifier usual() {
    return Classifier::usualResult;
  }

  /**
   * What a gRPC status says about the service that answered with it.
   *
   * @param code the status' code
   * @return how the call counts
   */
  static CallResult ofGrpcCode(Status.Code code) {
    return switch (code) {
      case CANCELLED -> CallResult.IGNORED;
      case OK, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, UNAUTHENTICATED,
              FAILED_PRECONDITION, OUT_OF_RANGE ->
          CallResult.SUCCESS;
      default -> CallResult.FAILURE;
    };
  }

  private static CallResult usualResult(Throwable failure) {
    if (failure instanceof StatusRuntimeException status) {
      return ofGrpcCode(status.getStatus().getCode());
    }
    if (failure instanceof StatusException status) {
      return ofGrpcCode(status.getStatus().getCode());
    }
    if (failure instanceof InterruptedException || failure instanceof CancellationException) {
      return CallResult.IGNORED;
    }
    boolean wrapper =
        failure instanceof CompletionException || failure instanceof ExecutionException;
    return wrapper && failure.getCause() != null
        ? usualResult(failure.getCause())
        : CallResult.FAILURE;
  }
}
