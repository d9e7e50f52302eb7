package io.outrigger.client.connection;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Goes on with what was granted, for a result that its caller may complete first (cancel, orTimeout,
 * complete): then it is given back. Of a dependent stage the function would never be called. Not for
 * applications.
 */
public final class Handover {
  private Handover() {}

  /**
   * Waits, and goes on unless the result was completed meanwhile; that cancels what is waited for.
   *
   * @param <V> what is granted
   * @param <R> what the caller gets
   * @param from what is waited for
   * @param result the caller's
   * @param next goes on; what it begins is not ended if the result is completed later
   * @param unclaimed gives back what came too late
   */
  public static <V, R> void then(
      CompletableFuture<V> from,
      CompletableFuture<R> result,
      Function<? super V, ? extends CompletionStage<? extends R>> next,
      Consumer<? super V> unclaimed) {
    from.whenComplete(
        (value, failure) -> {
          if (failure != null) {
            fail(result, failure);
          } else if (result.isDone()) {
            unclaimed.accept(value);
          } else {
            begin(value, result, next);
          }
        });
    result.whenComplete((value, failure) -> from.cancel(true)); // nothing, if it has ended
  }

  private static <V, R> void begin(
      V value,
      CompletableFuture<R> result,
      Function<? super V, ? extends CompletionStage<? extends R>> next) {
    try {
      next.apply(value)
          .whenComplete(
              (answer, failure) -> {
                if (failure == null) {
                  result.complete(answer);
                } else {
                  fail(result, failure);
                }
              });
    } catch (Throwable failure) {
      fail(result, failure);
    }
  }

  /**
   * Waits for what may be granted no longer.
   *
   * @param <V> what is granted
   * @param from what is waited for
   * @param unclaimed gets what was granted already, or is at this moment
   */
  public static <V> void giveUp(CompletableFuture<V> from, Consumer<? super V> unclaimed) {
    if (!from.cancel(true)) {
      from.thenAccept(unclaimed);
    }
  }

  /**
   * Fails a result as a stage that depends on the failure would.
   *
   * @param result not failed, if it has ended already
   * @param failure its cause
   */
  static void fail(CompletableFuture<?> result, Throwable failure) {
    result.completeExceptionally(
        failure instanceof CompletionException ? failure : new CompletionException(failure));
  }
}
