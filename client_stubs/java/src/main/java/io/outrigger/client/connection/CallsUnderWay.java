package io.outrigger.client.connection;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/** A client's calls until they end, which is when the client does at the latest. Thread-safe. */
final class CallsUnderWay {
  private final Set<UnaryCall<?>> calls = ConcurrentHashMap.newKeySet();
  // Held by calls while they begin, which does not wait: none meets a channel that was given up.
  private final ReentrantReadWriteLock beginning = new ReentrantReadWriteLock();
  private boolean ended; // by beginning

  /** Begins a call, unless all have been ended. */
  <A> CompletableFuture<A> begin(Supplier<UnaryCall<A>> begun) {
    beginning.readLock().lock();
    try {
      if (ended) {
        return CompletableFuture.failedFuture(SidecarFailure.closedMeanwhile());
      }
      UnaryCall<A> call = begun.get();
      calls.add(call);
      call.whenComplete((answer, failure) -> calls.remove(call));
      return call;
    } finally {
      beginning.readLock().unlock();
    }
  }

  /** Ends those under way; those that still come fail at once. */
  void end() {
    beginning.writeLock().lock();
    try {
      ended = true;
    } finally {
      beginning.writeLock().unlock();
    }
    calls.forEach(UnaryCall::closedMeanwhile);
  }
}
