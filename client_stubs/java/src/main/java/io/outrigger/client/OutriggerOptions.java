package io.outrigger.client;

import io.outrigger.client.breaker.BreakerPolicy;
import io.outrigger.client.limits.LimitPolicy;
import io.outrigger.client.pool.PoolPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * How a client is connected and what it does without its sidecar. Immutable.
 *
 * <pre>{@code
 * OutriggerOptions.builder().timeout(Duration.ofMillis(20)).limits(LimitPolicy.deny()).build()
 * }</pre>
 */
public final class OutriggerOptions {
  private final Builder values;

  private OutriggerOptions(Builder values) {
    this.values = values;
  }

  /**
   * Options that are all as usual.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  String target() {
    return values.target;
  }

  Duration timeout() {
    return values.timeout;
  }

  LimitPolicy limits() {
    return values.limits;
  }

  BreakerPolicy breakers() {
    return values.breakers;
  }

  PoolPolicy pools() {
    return values.pools;
  }

  Classifier classifier() {
    return values.classifier;
  }

  Executor callbackExecutor() {
    return values.callbackExecutor;
  }

  Executor loadExecutor() {
    return values.loadExecutor;
  }

  /** Collects options. Not thread-safe. */
  public static final class Builder {
    private String target;
    private Duration timeout = Duration.ofMillis(50);
    private LimitPolicy limits = LimitPolicy.allow();
    private BreakerPolicy breakers = BreakerPolicy.local();
    private PoolPolicy pools = PoolPolicy.refuse();
    private Classifier classifier = Classifier.usual();
    private Executor callbackExecutor;
    private Executor loadExecutor;

    private Builder() {}

    /**
     * Where the sidecar listens.
     *
     * @param target {@code unix:///path}, {@code unix:path}, a path, or {@code host:port}. Unset:
     *     {@code OUTRIGGER_TARGET}; else the first that exists of {@code outrigger/outrigger.sock}
     *     in {@code /run}, {@code $XDG_RUNTIME_DIR} and {@code /tmp}; else {@code
     *     /run/outrigger/outrigger.sock} if that folder exists; else {@code 127.0.0.1:7420}
     * @return this
     */
    public Builder target(String target) {
      this.target = Objects.requireNonNull(target);
      return this;
    }

    /**
     * The longest that a call may take; one that may wait gets it on top of that.
     *
     * @param timeout more than zero. Unset: 50 ms
     * @return this
     */
    public Builder timeout(Duration timeout) {
      if (timeout.isZero() || timeout.isNegative()) {
        throw new IllegalArgumentException("timeout must be more than zero");
      }
      this.timeout = timeout;
      return this;
    }

    /**
     * Answers {@code allow} when the sidecar does not.
     *
     * @param policy unset: {@link LimitPolicy#allow}
     * @return this
     */
    public Builder limits(LimitPolicy policy) {
      this.limits = Objects.requireNonNull(policy);
      return this;
    }

    /**
     * Decides for breakers when the sidecar does not.
     *
     * @param policy unset: {@link BreakerPolicy#local()}
     * @return this
     */
    public Builder breakers(BreakerPolicy policy) {
      this.breakers = Objects.requireNonNull(policy);
      return this;
    }

    /**
     * Answers {@code acquire} when the sidecar does not.
     *
     * @param policy unset: {@link PoolPolicy#refuse}
     * @return this
     */
    public Builder pools(PoolPolicy policy) {
      this.pools = Objects.requireNonNull(policy);
      return this;
    }

    /**
     * Says what failures tell about a service, for breakers and pools that have no other.
     *
     * @param classifier unset: {@link Classifier#usual}
     * @return this
     */
    public Builder classifier(Classifier classifier) {
      this.classifier = Objects.requireNonNull(classifier);
      return this;
    }

    /**
     * Completes the futures of {@code …Async} methods and tells of lost leases.
     *
     * @param executor must not run tasks in the calling thread unless these never wait; what it
     *     rejects runs there. Unset: as many threads of the client's as there are processors, at
     *     least 2
     * @return this
     */
    public Builder callbackExecutor(Executor executor) {
      this.callbackExecutor = Objects.requireNonNull(executor);
      return this;
    }

    /**
     * Runs the cache's loaders that load in the background, at most 64 at a time.
     *
     * @param executor e.g. one of virtual threads. Unset: threads of the client's, as needed
     * @return this
     */
    public Builder loadExecutor(Executor executor) {
      this.loadExecutor = Objects.requireNonNull(executor);
      return this;
    }

    /**
     * The options as they are now.
     *
     * @return not changed by this builder any more
     */
    public OutriggerOptions build() {
      Builder copy = new Builder();
      copy.target = target;
      copy.timeout = timeout;
      copy.limits = limits;
      copy.breakers = breakers;
      copy.pools = pools;
      copy.classifier = classifier;
      copy.callbackExecutor = callbackExecutor;
      copy.loadExecutor = loadExecutor;
      return new OutriggerOptions(copy);
    }
  }
}
