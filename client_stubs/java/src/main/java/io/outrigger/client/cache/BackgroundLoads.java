package io.outrigger.client.cache;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Loads that nobody waits for, at most 64 at a time. Thread-safe. */
final class BackgroundLoads {
  static final int MOST = 64;

  private final Executor executor;
  private final Semaphore free = new Semaphore(MOST);

  BackgroundLoads(Executor executor) {
    this.executor = executor;
  }

  /** Runs `load`, which calls what it is given when it is done; false: there are too many. */
  boolean tryRun(Consumer<Runnable> load) {
    if (!free.tryAcquire()) {
      return false;
    }
    try {
      executor.execute(() -> load.accept(free::release));
      return true;
    } catch (RejectedExecutionException closed) {
      free.release();
      return false;
    }
  }
}
