package io.outrigger.client.pool;

import io.outrigger.client.CallResult;
import io.outrigger.client.OutriggerException;
import io.outrigger.client.Source;
import io.outrigger.client.connection.SidecarFailure;
import io.outrigger.client.connection.Times;
import io.outrigger.pool.v1.AcquireRequest;
import io.outrigger.pool.v1.AcquireResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * A pool of connection slots that the whole fleet shares. Thread-safe.
 *
 * <pre>{@code
 * try (Lease lease = outrigger.pool("orders").acquire()) {
 *   // connect to lease.endpoint(), use the connection, close it
 * }
 * }</pre>
 *
 * <p>No lease is a {@link PoolUnavailableException}. Methods throw {@link OutriggerException} for
 * mistakes of the caller's (a pool that is not configured, a closed client), and if the waiting
 * thread is interrupted.
 */
public final class Pool {

  /**
   * What is done with a lease.
   *
   * @param <T> what it returns
   * @param <E> what it throws
   */
  @FunctionalInterface
  public interface Use<T, E extends Exception> {

    /**
     * Uses it.
     *
     * @param lease closed afterwards
     * @return anything
     * @throws E as it likes
     */
    T apply(Lease lease) throws E;
  }

  private final Pools client;
  private final String name;
  private final PoolPolicy policy;

  Pool(Pools client, String name, PoolPolicy policy) {
    this.client = client;
    this.name = name;
    this.policy = policy;
  }

  /**
   * A lease of any endpoint, waited for for at most 5 s.
   *
   * @return to be closed
   * @throws PoolUnavailableException if there is none
   */
  public Lease acquire() {
    return acquire(AcquireOptions.usual());
  }

  /**
   * A lease.
   *
   * @param options which, and how long to wait
   * @return to be closed
   * @throws PoolUnavailableException if there is none
   */
  public Lease acquire(AcquireOptions options) {
    try {
      return acquired(client.sidecar.await(ask(options), Pool::giveBack));
    } catch (SidecarFailure failure) {
      return withoutSidecar(failure);
    }
  }

  /**
   * {@link #acquire(AcquireOptions)} that does not block. To cancel the future, or to complete it by
   * a timeout, leaves the queue; a lease that was granted meanwhile is given back.
   *
   * @param options which, and how long to wait
   * @return a lease to be closed; fails with {@link PoolUnavailableException} if there is none
   */
  public CompletableFuture<Lease> acquireAsync(AcquireOptions options) {
    return client.sidecar.async(
        ask(options), this::acquired, this::withoutSidecar, Lease::close);
  }

  /**
   * Does something with a lease, and gives it back with that's end: a success, or what the client's
   * classifier makes of the exception.
   *
   * @param <T> what is returned
   * @param <E> what is thrown
   * @param options which lease, and how long to wait
   * @param use what to do
   * @return what that returned
   * @throws PoolUnavailableException if there is no lease
   * @throws E what it throws, as it is
   */
  public <T, E extends Exception> T with(AcquireOptions options, Use<T, E> use) throws E {
    try (Lease lease = acquire(options)) {
      T value;
      try {
        value = use.apply(lease);
      } catch (Throwable failure) {
        lease.failed(failure);
        throw failure;
      }
      lease.result(CallResult.SUCCESS);
      return value;
    }
  }

  /**
   * The configured name.
   *
   * @return not null
   */
  public String name() {
    return name;
  }

  private CompletableFuture<HoldStream.Acquired> ask(AcquireOptions options) {
    AcquireRequest request = options.request(name);
    client.sidecar.begin(client.counts());
    return client.hold.acquire(request, options.maxWait());
  }

  private static void giveBack(HoldStream.Acquired unclaimed) {
    if (unclaimed.lease() != null) {
      unclaimed.lease().close();
    }
  }

  private Lease acquired(HoldStream.Acquired acquired) {
    if (acquired.lease() != null) {
      return acquired.lease();
    }
    AcquireResponse refused = acquired.response();
    Duration retryAfter = Times.fromProto(refused.getRetryAfter());
    throw new PoolUnavailableException(
        name,
        refused.getReason(),
        refused.getAdvice(),
        retryAfter.isZero() ? Optional.empty() : Optional.of(retryAfter),
        Source.SIDECAR);
  }

  private Lease withoutSidecar(SidecarFailure failure) {
    failure.throwIfCallers();
    client.counts().fellBack();
    if (policy instanceof PoolPolicy.Share share) {
      Semaphore free = client.shareOf(name, share);
      if (free.tryAcquire()) {
        return new Lease(
            new ShareOwner(free),
            share.endpoint(),
            0,
            false,
            Source.FALLBACK,
            client.classifier,
            client.sidecar.callbacks());
      }
    }
    throw PoolUnavailableException.withoutSidecar(name);
  }

  private record ShareOwner(Semaphore free) implements Lease.Owner {
    @Override
    public void release(Lease lease, CallResult result) {
      free.release();
    }

    @Override
    public boolean isExpired(Lease lease) {
      return false;
    }
  }
}
