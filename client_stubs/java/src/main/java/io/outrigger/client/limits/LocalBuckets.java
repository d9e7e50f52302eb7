package io.outrigger.client.limits;

import io.outrigger.client.Source;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Token buckets of this process, for while the sidecar is gone. Thread-safe. */
final class LocalBuckets {
  static final int MOST_BUCKETS = 10_000;

  private final double tokensPerNano;
  private final double burst;
  private final LongSupplier nanoTime;
  private final Map<Map<String, String>, Bucket> buckets = new Recent(); // by this

  /** `nanoTime` is what `System.nanoTime` is. */
  LocalBuckets(LimitPolicy.Local policy, LongSupplier nanoTime) {
    this.tokensPerNano = policy.ratePerSecond() / 1e9;
    this.burst = policy.burst();
    this.nanoTime = nanoTime;
  }

  /** Takes `cost` or nothing; a cost of 0 only asks for 1. */
  synchronized Decision decide(Map<String, String> attributes, long cost) {
    long now = nanoTime.getAsLong();
    Bucket bucket = buckets.get(attributes);
    if (bucket == null) {
      bucket = new Bucket(burst, now);
      buckets.put(Map.copyOf(attributes), bucket);
    }
    bucket.refill(now);
    double wanted = Math.max(1, cost);
    boolean allowed = bucket.tokens >= wanted;
    if (allowed) {
      bucket.tokens -= cost;
    }
    return new Decision(
        allowed,
        "",
        (long) bucket.tokens,
        waitFor(burst - bucket.tokens),
        allowed || wanted > burst
            ? Optional.empty()
            : Optional.of(waitFor(wanted - bucket.tokens)),
        Duration.ZERO,
        false,
        Source.FALLBACK,
        List.of());
  }

  private Duration waitFor(double tokens) {
    return Duration.ofNanos((long) Math.ceil(Math.max(0, tokens) / tokensPerNano));
  }

  private final class Bucket {
    private double tokens;
    private long asOf;

    Bucket(double tokens, long asOf) {
      this.tokens = tokens;
      this.asOf = asOf;
    }

    void refill(long now) {
      tokens = Math.min(burst, tokens + (now - asOf) * tokensPerNano);
      asOf = now;
    }
  }

  private static final class Recent extends LinkedHashMap<Map<String, String>, Bucket> {
    Recent() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Map<String, String>, Bucket> eldest) {
      return size() > MOST_BUCKETS;
    }
  }
}
