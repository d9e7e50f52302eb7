package io.outrigger.client.breaker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.outrigger.client.Await;
import io.outrigger.client.CallResult;
import io.outrigger.client.Classifier;
import io.outrigger.client.Outrigger;
import io.outrigger.client.OutriggerException;
import io.outrigger.client.Sidecars;
import io.outrigger.client.Source;
import io.outrigger.client.connection.Sidecar;
import io.outrigger.client.connection.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private final Outrigger outrigger = Sidecars.connect();

  @AfterEach
  void close() {
    outrigger.close();
  }

  @Test
  void closedItDecidesInTheProcess() throws Exception {
    Breaker breaker = outrigger.breaker("bench");
    Await.until(() -> breaker.status().map(BreakerStatus::valid).orElse(false));
    assertEquals("a", breaker.call(() -> "a"));
    assertTrue(breaker.enterAsync().isDone());
    assertEquals(
        "b", breaker.callAsync(() -> CompletableFuture.completedFuture("b")).get());
    assertThrows(
        IOException.class,
        () ->
            breaker.call(
                () -> {
                  throw new IOException("as it is");
                }));
    outrigger.flushOutcomes().get();
  }

  @Test
  void methodsHaveTheirOwnAndAFallbackAnswers() throws Exception {
    String method = Sidecars.unique();
    Breaker breaker = outrigger.breaker("methods").method(method);
    for (int i = 0; i < 3; i++) {
      assertThrows(
          ExecutionException.class,
          () ->
              breaker
                  .callAsync(() -> CompletableFuture.failedFuture(new IOException("down")))
                  .get());
    }
    Await.until(
        () -> breaker.call(() -> "called", denied -> denied.reason().name()).equals("CONSECUTIVE_FAILURES"));
    BreakerOpenException denied =
        assertThrows(BreakerOpenException.class, () -> breaker.call(() -> "called"));
    assertEquals(Source.SIDECAR, denied.source());
    assertTrue(denied.retryAfter().isPresent());
    assertEquals("other", outrigger.breaker("methods").method(method + "2").call(() -> "other"));
  }

  @Test
  void anUnknownBreakerIsAMistake() {
    OutriggerException mistake =
        assertThrows(OutriggerException.class, () -> outrigger.breaker("nobody").enter());
    assertEquals(OutriggerException.Code.NOT_FOUND, mistake.code());
  }

  @Test
  void anUnknownBreakersOutcomesDoNotLoseTheOthers() throws Exception {
    Sidecar sidecar =
        new Sidecar(Target.find(null, System.getenv()), Duration.ofSeconds(20), Runnable::run);
    Breakers breakers = new Breakers(sidecar, BreakerPolicy.allow(), Classifier.usual());
    Breaker known =
        breakers.breaker("methods", BreakerOptions.usual()).method(Sidecars.unique());
    Breaker unknown = breakers.breaker("nobody", BreakerOptions.usual());
    List<Permit> permits = new ArrayList<>();
    permits.add(new Permit(unknown, 0, 0, false, Source.SIDECAR, System.nanoTime()));
    for (int i = 0; i < 3; i++) {
      permits.add(known.enter());
    }
    // On the loop they all end before it sends them.
    CompletableFuture.runAsync(
            () -> permits.forEach(permit -> permit.end(CallResult.FAILURE)), sidecar.loop())
        .get();
    breakers.flush().get();
    assertEquals(1, breakers.reporter.dropped());
    Await.until(() -> known.call(() -> "called", denied -> "denied").equals("denied"));
    breakers.close();
    sidecar.endCalls();
    sidecar.release();
  }

  @Test
  void aClassifierThatIsBrokenHasSeenFailures() throws Exception {
    try (Outrigger alone =
        Outrigger.connect(
            Sidecars.gone().breakers(BreakerPolicy.local(2, Duration.ofHours(1))).build())) {
      Breaker silent =
          alone.breaker("payments", BreakerOptions.usual().withClassifier(failure -> null));
      Breaker broken =
          alone.breaker(
              "payments",
              BreakerOptions.usual()
                  .withClassifier(
                      failure -> {
                        throw new IllegalStateException("broken");
                      }));
      for (Breaker breaker : List.of(silent, broken)) {
        assertThrows(
            IOException.class,
            () ->
                breaker.call(
                    () -> {
                      throw new IOException("down");
                    }));
      }
      assertThrows(BreakerOpenException.class, silent::enter);
    }
  }

  @Test
  void withoutASidecarTheProcessDecidesByItsOwnCalls() {
    try (Outrigger alone =
        Outrigger.connect(
            Sidecars.gone()
                .breakers(BreakerPolicy.local(2, Duration.ofHours(1)))
                .classifier(failure -> CallResult.FAILURE)
                .build())) {
      Breaker breaker = alone.breaker("payments");
      for (int i = 0; i < 2; i++) {
        breaker.enter().failed(new InterruptedException());
      }
      BreakerOpenException denied =
          assertThrows(BreakerOpenException.class, breaker::enter);
      assertEquals(Source.FALLBACK, denied.source());
      Breaker tolerant =
          alone.breaker("payments", BreakerOptions.usual().withPolicy(BreakerPolicy.allow()));
      tolerant.enter().close();
      assertEquals(4, alone.stats().breaker().fallbacks());
    }
  }
}
