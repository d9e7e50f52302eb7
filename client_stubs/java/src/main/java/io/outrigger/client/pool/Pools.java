package io.outrigger.client.pool;

import io.outrigger.client.Classifier;
import io.outrigger.client.connection.PartCounts;
import io.outrigger.client.connection.SafeClassifier;
import io.outrigger.client.connection.Sidecar;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** What all pools of a client have in common. Thread-safe. Not for applications. */
public final class Pools {
  final Sidecar sidecar;
  final HoldStream hold;
  final PoolPolicy policy;
  final Classifier classifier;
  private final PartCounts counts = new PartCounts();
  private final Map<ShareKey, Semaphore> shares = new ConcurrentHashMap<>();

  private record ShareKey(String pool, PoolPolicy.Share policy) {}

  /**
   * Made by {@code Outrigger}.
   *
   * @param sidecar whom to ask
   * @param policy answers when it does not
   * @param classifier of failures
   */
  public Pools(Sidecar sidecar, PoolPolicy policy, Classifier classifier) {
    this.sidecar = sidecar;
    this.classifier = new SafeClassifier(classifier);
    this.hold = new HoldStream(sidecar, this.classifier);
    this.policy = policy;
  }

  /**
   * One pool.
   *
   * @param name a configured one
   * @param policy answers when the sidecar does not; null: the client's
   * @return costs little to make again
   */
  public Pool pool(String name, PoolPolicy policy) {
    return new Pool(this, name, policy == null ? this.policy : policy);
  }

  /**
   * What was counted so far.
   *
   * @return this part's
   */
  public PartCounts counts() {
    return counts;
  }

  /**
   * Callers that wait, leases that are held, and what is still to be sent.
   *
   * @return 0: nothing is kept
   */
  public CompletableFuture<Integer> pending() {
    return hold.pending();
  }

  /**
   * Gives back all that is held, and answers all that wait.
   *
   * @return completes when the sidecar has heard of it
   */
  public CompletableFuture<Void> giveBack() {
    return hold.close();
  }

  /** Ends the stream, whether or not the sidecar has heard of {@link #giveBack}. */
  public void cancel() {
    hold.cancel();
  }

  Semaphore shareOf(String pool, PoolPolicy.Share share) {
    return shares.computeIfAbsent(
        new ShareKey(pool, share), unknown -> new Semaphore(share.leases()));
  }
}
