package io.outrigger.client.breaker;

import io.grpc.Status;
import io.outrigger.breaker.v1.BreakerGrpc;
import io.outrigger.breaker.v1.WatchRequest;
import io.outrigger.breaker.v1.WatchResponse;
import io.outrigger.client.connection.Sidecar;
import io.outrigger.client.connection.SidecarStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one Watch of a client: keeps what the sidecar tells of all breakers, and opens the stream anew
 * when it breaks. Thread-safe. What was told before a break holds for as long as it was told to.
 */
final class BreakerWatch implements SidecarStream.Events<WatchResponse> {
  private static final Duration FIRST_WAIT = Duration.ofMillis(50);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  private final Sidecar sidecar;
  private final Map<String, WatchedBreaker> breakers = new ConcurrentHashMap<>();
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile long session; // 0: none

  // Of the loop's thread.
  private SidecarStream<WatchRequest, WatchResponse> stream;
  private Duration wait = FIRST_WAIT;
  private boolean fresh; // the stream has told nothing yet

  BreakerWatch(Sidecar sidecar) {
    this.sidecar = sidecar;
  }

  /** Opens the stream, unless that was done. */
  void begin() {
    if (!begun.get() && begun.compareAndSet(false, true)) {
      sidecar.run(this::open);
    }
  }

  /** What is told of a breaker, now and later. */
  WatchedBreaker breaker(String name) {
    return breakers.computeIfAbsent(name, unknown -> new WatchedBreaker());
  }

  /** For Acquire: if the watch's stream ends, its probes are given back. 0: there is none. */
  long session() {
    return session;
  }

  void close() {
    sidecar.run(
        () -> {
          if (stream != null) {
            stream.cancel();
            stream = null;
          }
        });
  }

  private void open() {
    if (sidecar.isClosed()) {
      return;
    }
    stream = sidecar.stream(BreakerGrpc.getWatchMethod(), this);
    SidecarStream<WatchRequest, WatchResponse> opened = stream;
    fresh = true;
    opened.start();
    opened.send(WatchRequest.getDefaultInstance());
    opened.halfClose();
  }

  @Override
  public void onReady() {}

  @Override
  public void onMessage(WatchResponse told) {
    wait = FIRST_WAIT;
    if (told.getSession() != 0) {
      session = told.getSession();
    }
    // A new stream tells all states; what another one told of methods may be gone. An empty name
    // says that some were left out.
    if (fresh || told.getBreaker().isEmpty()) {
      breakers.values().forEach(WatchedBreaker::forget);
      fresh = false;
    }
    if (!told.getBreaker().isEmpty()) {
      breaker(told.getBreaker()).told(told.getMethod(), Watched.of(told, System.nanoTime()));
    }
  }

  @Override
  public void onEnd(Status status) {
    stream = null;
    session = 0;
    if (!sidecar.isClosed()) {
      sidecar.loop().schedule(this::open, wait.toNanos(), TimeUnit.NANOSECONDS);
      Duration doubled = wait.multipliedBy(2);
      wait = doubled.compareTo(LONGEST_WAIT) < 0 ? doubled : LONGEST_WAIT;
    }
  }
}
