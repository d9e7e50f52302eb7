package io.outrigger.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A client's own threads, where the application gave none. They end when they are idle. */
final class ClientThreads {
  private static final long IDLE_SECONDS = 10;
  private static final int MOST_LOADS = 64;

  private final List<ExecutorService> own = new ArrayList<>();
  private final Executor callbacks;
  private final Executor loads;

  ClientThreads(OutriggerOptions options) {
    callbacks =
        orHere(
            options.callbackExecutor() != null
                ? options.callbackExecutor()
                : owned(callbackThreads()));
    loads = options.loadExecutor() != null ? options.loadExecutor() : owned(loadThreads());
  }

  Executor callbacks() {
    return callbacks;
  }

  Executor loads() {
    return loads;
  }

  /** What was begun is finished. */
  void close() {
    own.forEach(ExecutorService::shutdown);
  }

  // How a call ended, or that a lease is lost, must be heard even when the client is closed.
  private static Executor orHere(Executor executor) {
    return task -> {
      try {
        executor.execute(task);
      } catch (RejectedExecutionException closed) {
        task.run();
      }
    };
  }

  private ExecutorService owned(ExecutorService executor) {
    own.add(executor);
    return executor;
  }

  private static ExecutorService callbackThreads() {
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            named("outrigger-callback"));
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  private static ExecutorService loadThreads() {
    return new ThreadPoolExecutor(
        0,
        MOST_LOADS,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        named("outrigger-load"));
  }

  private static ThreadFactory named(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
