package io.outrigger.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class HandoverTest {
  private final List<String> used = new ArrayList<>();
  private final List<String> unclaimed = new ArrayList<>();
  private final CompletableFuture<String> result = new CompletableFuture<>();

  private void handOver(CompletableFuture<String> from) {
    Handover.then(
        from,
        result,
        granted -> {
          used.add(granted);
          return CompletableFuture.completedFuture(granted + "!");
        },
        unclaimed::add);
  }

  @Test
  void whatIsGrantedIsUsed() {
    CompletableFuture<String> from = new CompletableFuture<>();
    handOver(from);
    from.complete("a");
    assertEquals("a!", result.join());
    assertEquals(List.of("a"), used);
    assertEquals(List.of(), unclaimed);
  }

  @Test
  void aResultThatEndsFirstEndsTheWait() {
    CompletableFuture<String> from = new CompletableFuture<>();
    handOver(from);
    result.completeExceptionally(new TimeoutException());
    assertTrue(from.isCancelled());
    assertEquals(List.of(), used);
  }

  @Test
  void whatIsGrantedAfterThatIsGivenBack() {
    CompletableFuture<String> from =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterrupt) {
            return complete("just granted");
          }
        };
    handOver(from);
    result.complete("mine");
    assertEquals(List.of(), used);
    assertEquals(List.of("just granted"), unclaimed);
  }

  @Test
  void failuresAreTheResults() {
    IllegalStateException failure = new IllegalStateException("no");
    handOver(CompletableFuture.failedFuture(failure));
    assertEquals(failure, assertThrows(CompletionException.class, result::join).getCause());
  }
}
