package io.outrigger.client.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.outrigger.client.Await;
import io.outrigger.client.Outrigger;
import io.outrigger.client.OutriggerException;
import io.outrigger.client.Sidecars;
import io.outrigger.client.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimiterTest {
  private final Outrigger outrigger = Sidecars.connect();
  private final Limiter limiter = outrigger.limiter();
  private final Map<String, String> user = Map.of("user", Sidecars.unique());

  @AfterEach
  void close() {
    outrigger.close();
  }

  @Test
  void manyThreadsTogetherGetTheBurst() throws Exception {
    List<CompletableFuture<Decision>> asked = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      asked.add(CompletableFuture.supplyAsync(() -> limiter.allow(user), task -> new Thread(task).start()));
    }
    int allowed = 0;
    for (CompletableFuture<Decision> one : asked) {
      allowed += one.get().allowed() ? 1 : 0;
    }
    assertEquals(10, allowed);
  }

  @Test
  void aMistakeIsTheFuturesFailureToo() {
    ExecutionException failure =
        assertThrows(
            ExecutionException.class,
            () -> limiter.allowAsync(LimitRequest.of(user).withLimit("nobody")).get());
    assertEquals(
        OutriggerException.Code.NOT_FOUND,
        ((OutriggerException) failure.getCause()).code());
  }

  @Test
  void whoIsInterruptedWaitsNoLongerAndStaysInterrupted() throws Exception {
    limiter.allow(LimitRequest.of(user).withCost(10));
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    Thread waiter =
        new Thread(
            () -> {
              try {
                limiter.waitIfNeeded(user, Duration.ofMinutes(30));
                ended.complete(false);
              } catch (OutriggerException cancelled) {
                ended.complete(
                    cancelled.code() == OutriggerException.Code.CANCELLED
                        && Thread.currentThread().isInterrupted());
              }
            });
    waiter.start();
    Await.until(() -> waiter.getState() == Thread.State.WAITING);
    waiter.interrupt();
    assertTrue(ended.get());
  }

  @Test
  void aCancelledContextIsTheCallersWish() {
    limiter.allow(LimitRequest.of(user).withCost(10));
    io.grpc.Context.CancellableContext context = io.grpc.Context.current().withCancellation();
    CompletableFuture<Decision> waiting;
    io.grpc.Context before = context.attach();
    try {
      waiting = limiter.waitIfNeededAsync(user, Duration.ofMinutes(30));
    } finally {
      context.detach(before);
    }
    context.cancel(null);
    ExecutionException failure = assertThrows(ExecutionException.class, waiting::get);
    assertEquals(
        OutriggerException.Code.CANCELLED,
        ((OutriggerException) failure.getCause()).code());
  }

  @Test
  void refundsGiveTokensBack() {
    limiter.allow(LimitRequest.of(user).withCost(10));
    limiter.refund(LimitRequest.of(user).withCost(4));
    assertTrue(limiter.allow(LimitRequest.of(user).withCost(4)).allowed());
    limiter.refundAsync(LimitRequest.of(user)).join();
    assertTrue(limiter.allow(user).allowed());
  }

  @Test
  void anAdaptiveLimitHearsHowCallsEnded() {
    LimitReport report =
        LimitReport.of(Map.of("service", Sidecars.unique()), LimitReport.Result.THROTTLED);
    assertTrue(limiter.report(report).orElseThrow() < 100);
    assertTrue(limiter.reportAsync(report).join().orElseThrow() < 100);
  }

  @Test
  void withoutASidecarThePolicyDecidesAndItIsCounted() {
    try (Outrigger alone =
        Outrigger.connect(Sidecars.gone().limits(LimitPolicy.deny()).build())) {
      Decision decision = alone.limiter().allow(user);
      assertFalse(decision.allowed());
      assertEquals(Source.FALLBACK, decision.source());
      assertTrue(
          alone
              .limiter()
              .report(LimitReport.of(user, LimitReport.Result.SUCCESS))
              .isEmpty());
      assertEquals(2, alone.stats().limits().fallbacks());
    }
  }
}
