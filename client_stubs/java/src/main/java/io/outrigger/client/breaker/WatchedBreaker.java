package io.outrigger.client.breaker;

import io.outrigger.breaker.v1.State;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All that was told of one breaker. Thread-safe.
 *
 * <p>The watch tells of a method when its state changes, and not before. So Acquire is asked for each
 * method once: by its generation it is known whether the method shares the breaker's own state or has
 * one of its own, which is then closed until the watch says otherwise.
 */
final class WatchedBreaker {
  private static final long SHARED = 0;
  // Beyond so many methods Acquire is asked each time.
  private static final int MOST_LEARNED = 1000;

  private volatile Watched own; // of calls without a method; null: nothing told
  private final Map<String, Watched> methods = new ConcurrentHashMap<>();
  private final Map<String, Long> learned = new ConcurrentHashMap<>(); // generation, or SHARED

  /** What decides for a method ("": none); null: nothing that was told. */
  Watched of(String method) {
    Watched shared = own;
    if (method.isEmpty()) {
      return shared;
    }
    Watched told = methods.get(method);
    if (told != null) {
      return told;
    }
    Long generation = learned.get(method);
    if (generation == null || shared == null || generation == SHARED) {
      return generation == null ? null : shared;
    }
    return shared.state() == State.CLOSED && shared.admitRatio() >= 1
        ? shared.withGeneration(generation)
        : null;
  }

  void told(String method, Watched watched) {
    if (method.isEmpty()) {
      own = watched;
    } else {
      methods.put(method, watched);
    }
  }

  /** What Acquire has answered for a method. */
  void acquired(String method, long generation) {
    Watched shared = own;
    if (!method.isEmpty() && shared != null && learned.size() < MOST_LEARNED) {
      learned.put(method, generation == shared.generation() ? SHARED : generation);
    }
  }

  void forget() {
    own = null;
    methods.clear();
    learned.clear();
  }
}
