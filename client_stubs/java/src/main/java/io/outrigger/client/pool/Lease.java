package io.outrigger.client.pool;

import io.outrigger.client.CallResult;
import io.outrigger.client.Classifier;
import io.outrigger.client.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * The right to one connection. Renewed by itself; given back when it is closed. Thread-safe.
 *
 * <p>Close the connection first, then the lease: another may have the slot at once. A lease that is
 * {@linkplain #isLost lost} is not the holder's any more; its connection must be closed, too.
 */
public final class Lease implements AutoCloseable {

  /** What to do with it when its holder has closed it. */
  interface Owner {
    void release(Lease lease, CallResult result);

    /** Whether its time is over. */
    boolean isExpired(Lease lease);
  }

  private final Owner owner;
  private final String endpoint;
  private final long fencingToken;
  private final boolean overflow;
  private final Source source;
  private final Classifier classifier;
  private final Executor callbacks;

  // By this.
  private List<Runnable> listeners = new ArrayList<>();
  private boolean lost;
  private boolean closed;
  private CallResult result = CallResult.IGNORED;

  Lease(
      Owner owner,
      String endpoint,
      long fencingToken,
      boolean overflow,
      Source source,
      Classifier classifier,
      Executor callbacks) {
    this.owner = owner;
    this.endpoint = endpoint;
    this.fencingToken = fencingToken;
    this.overflow = overflow;
    this.source = source;
    this.classifier = classifier;
    this.callbacks = callbacks;
  }

  /**
   * What to connect to.
   *
   * @return {@code host:port} or {@code unix:path}; empty: the pool has no endpoints
   */
  public String endpoint() {
    return endpoint;
  }

  /**
   * Greater than that of everyone who held this slot before, in any pod; what is written to can
   * refuse writers with smaller ones.
   *
   * @return unsigned; 0: none (see {@link #source})
   */
  public long fencingToken() {
    return fencingToken;
  }

  /**
   * Whether it is beyond the pool's max_connections: close the connection afterwards, do not keep
   * it.
   *
   * @return false: it may be kept for the next lease
   */
  public boolean isOverflow() {
    return overflow;
  }

  /**
   * Who gave it.
   *
   * @return the sidecar, or the {@link PoolPolicy}
   */
  public Source source() {
    return source;
  }

  /**
   * Whether the slot may be another's by now, because the lease could not be renewed in time or the
   * sidecar is gone. Stays so.
   *
   * @return false after it was closed in time
   */
  public boolean isLost() {
    if (owner.isExpired(this)) {
      lose();
    }
    synchronized (this) {
      return lost;
    }
  }

  /**
   * Tells when it is lost, or at once if it is; not after it was closed.
   *
   * @param listener runs once, on the client's callback executor
   */
  public void onLost(Runnable listener) {
    synchronized (this) {
      if (closed) {
        return;
      }
      if (!lost) {
        listeners.add(listener);
        return;
      }
    }
    callbacks.execute(listener);
  }

  /**
   * Says how the endpoint did, for when it is closed. Unset: nothing is known.
   *
   * @param result what is said last counts
   */
  public synchronized void result(CallResult result) {
    this.result = Objects.requireNonNull(result);
  }

  /**
   * Says that the use of the connection failed; the client's classifier says what that means.
   *
   * @param failure what was thrown
   */
  public void failed(Throwable failure) {
    result(classifier.ofFailure(failure));
  }

  /** Gives it back. Does not wait; does nothing the second time. */
  @Override
  public void close() {
    CallResult told;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      listeners = List.of();
      told = result;
    }
    owner.release(this, told);
  }

  /** Says that it is lost, unless it was closed or lost before. */
  void lose() {
    List<Runnable> told;
    synchronized (this) {
      if (closed || lost) {
        return;
      }
      lost = true;
      told = listeners;
      listeners = List.of();
    }
    told.forEach(callbacks::execute);
  }
}
