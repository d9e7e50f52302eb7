package io.outrigger.client.breaker;

import io.outrigger.client.Classifier;
import java.time.Duration;
import java.util.Objects;

/** How one breaker is used. Immutable; each {@code with…} gives new ones. */
public final class BreakerOptions {
  private static final BreakerOptions USUAL = new BreakerOptions(null, null, Duration.ZERO);

  private final Classifier classifier; // null: the client's
  private final BreakerPolicy policy; // null: the client's
  private final Duration callTimeout;

  private BreakerOptions(Classifier classifier, BreakerPolicy policy, Duration callTimeout) {
    this.classifier = classifier;
    this.policy = policy;
    this.callTimeout = callTimeout;
  }

  /**
   * The client's classifier and policy, and the breaker's own probe_timeout.
   *
   * @return the same object each time
   */
  public static BreakerOptions usual() {
    return USUAL;
  }

  /**
   * Says what failures tell about this service.
   *
   * @param classifier unset: the client's
   * @return new options
   */
  public BreakerOptions withClassifier(Classifier classifier) {
    return new BreakerOptions(Objects.requireNonNull(classifier), policy, callTimeout);
  }

  /**
   * Decides for this breaker when the sidecar does not.
   *
   * @param policy unset: the client's
   * @return new options
   */
  public BreakerOptions withPolicy(BreakerPolicy policy) {
    return new BreakerOptions(classifier, Objects.requireNonNull(policy), callTimeout);
  }

  /**
   * How long a call may take: a probe that has not ended by then has failed.
   *
   * @param callTimeout 10 ms to 1 hour. Unset or 0: the breaker's probe_timeout
   * @return new options
   */
  public BreakerOptions withCallTimeout(Duration callTimeout) {
    return new BreakerOptions(classifier, policy, Objects.requireNonNull(callTimeout));
  }

  Classifier classifierOr(Classifier clients) {
    return classifier == null ? clients : classifier;
  }

  BreakerPolicy policyOr(BreakerPolicy clients) {
    return policy == null ? clients : policy;
  }

  Duration callTimeout() {
    return callTimeout;
  }
}
