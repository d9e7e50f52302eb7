package io.outrigger.client.breaker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** All that the watch has told of one breaker. Written by the watch; thread-safe. */
final class WatchedBreaker {
  private volatile Watched own; // of calls without a method; null: nothing told
  private final Map<String, Watched> methods = new ConcurrentHashMap<>();

  /** What decides for a method ("": none); null: nothing that was told. */
  Watched of(String method) {
    if (method.isEmpty()) {
      return own;
    }
    Watched methods = this.methods.get(method);
    return methods == null && this.methods.isEmpty() ? own : methods;
  }

  void told(String method, Watched watched) {
    if (method.isEmpty()) {
      own = watched;
    } else {
      methods.put(method, watched);
    }
  }

  void forget() {
    own = null;
    methods.clear();
  }
}
