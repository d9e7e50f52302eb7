package io.outrigger.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ClassifierTest {
  private final Classifier usual = Classifier.usual();

  @Test
  void whatTheCallerDidIsNoFailureOfTheService() {
    assertEquals(CallResult.SUCCESS, usual.ofFailure(Status.NOT_FOUND.asRuntimeException()));
    assertEquals(CallResult.SUCCESS, usual.ofFailure(Status.INVALID_ARGUMENT.asException()));
    assertEquals(CallResult.IGNORED, usual.ofFailure(Status.CANCELLED.asRuntimeException()));
    assertEquals(CallResult.IGNORED, usual.ofFailure(new InterruptedException()));
    assertEquals(
        CallResult.IGNORED,
        usual.ofFailure(new CompletionException(new CancellationException())));
  }

  @Test
  void allElseIs() {
    assertEquals(CallResult.FAILURE, usual.ofFailure(Status.UNAVAILABLE.asRuntimeException()));
    assertEquals(CallResult.FAILURE, usual.ofFailure(new IOException("reset")));
    assertEquals(CallResult.FAILURE, CallResult.ofHttpStatus(503));
    assertEquals(CallResult.SUCCESS, CallResult.ofHttpStatus(404));
    assertEquals(CallResult.SUCCESS, usual.ofValue("anything"));
  }
}
