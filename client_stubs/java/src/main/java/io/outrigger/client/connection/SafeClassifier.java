package io.outrigger.client.connection;

import io.outrigger.client.CallResult;
import io.outrigger.client.Classifier;

/**
 * The application's classifier as this library asks it: one that throws, or says nothing, has seen a
 * failure. Not for applications.
 *
 * @param own the application's
 */
public record SafeClassifier(Classifier own) implements Classifier {
  @Override
  public CallResult ofFailure(Throwable failure) {
    try {
      return orFailure(own.ofFailure(failure));
    } catch (RuntimeException broken) {
      return CallResult.FAILURE;
    }
  }

  @Override
  public CallResult ofValue(Object value) {
    try {
      return orFailure(own.ofValue(value));
    } catch (RuntimeException broken) {
      return CallResult.FAILURE;
    }
  }

  private static CallResult orFailure(CallResult result) {
    return result == null ? CallResult.FAILURE : result;
  }
}
