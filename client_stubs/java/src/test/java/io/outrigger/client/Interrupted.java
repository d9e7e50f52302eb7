package io.outrigger.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** A call in a thread that is interrupted meanwhile. */
public final class Interrupted<T> {
  private final CompletableFuture<T> ended = new CompletableFuture<>();
  private final CompletableFuture<Boolean> flag = new CompletableFuture<>();
  private final Thread thread;

  public Interrupted(Callable<T> call) {
    thread =
        new Thread(
            () -> {
              try {
                ended.complete(call.call());
              } catch (Throwable failure) {
                ended.completeExceptionally(failure);
              }
              flag.complete(Thread.currentThread().isInterrupted());
            });
    thread.start();
  }

  /** What the call returned; the thread stays interrupted. */
  public T interrupt() throws Exception {
    thread.interrupt();
    T value = ended.get();
    assertTrue(flag.get());
    return value;
  }
}
