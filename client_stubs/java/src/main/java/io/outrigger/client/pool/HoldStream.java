package io.outrigger.client.pool;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.util.concurrent.ScheduledFuture;
import io.outrigger.client.CallResult;
import io.outrigger.client.Classifier;
import io.outrigger.client.connection.Sidecar;
import io.outrigger.client.connection.SidecarFailure;
import io.outrigger.client.connection.SidecarStream;
import io.outrigger.client.connection.Times;
import io.outrigger.pool.v1.AcquireRequest;
import io.outrigger.pool.v1.AcquireResponse;
import io.outrigger.pool.v1.HoldRequest;
import io.outrigger.pool.v1.HoldResponse;
import io.outrigger.pool.v1.PoolGrpc;
import io.outrigger.pool.v1.ReleaseRequest;
import io.outrigger.pool.v1.Result;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The one Hold stream of a client: what it acquires is free as soon as the stream breaks, or the
 * process dies. Thread-safe; everything but the entry points runs on the channel's thread.
 */
final class HoldStream implements SidecarStream.Events<HoldResponse> {

  /** What an acquire gave: the answer, and the lease if there is one. */
  record Acquired(AcquireResponse response, Lease lease) {}

  /** One that waits for a lease. */
  private static final class Waiter extends CompletableFuture<Acquired> {
    long id;
    long asked; // when it was sent; by System.nanoTime
    ScheduledFuture<?> timer;
  }

  private final Sidecar sidecar;
  private final Classifier classifier;
  private final LeaseRenewals renewals;

  // Of the loop's thread.
  private final Map<Long, Waiter> waiters = new HashMap<>();
  private final Map<Long, HeldLease> leases = new HashMap<>();
  private final ArrayDeque<HoldRequest> unsent = new ArrayDeque<>();
  private SidecarStream<HoldRequest, HoldResponse> stream;
  private long lastId;
  private CompletableFuture<Void> closing; // null: it is not

  HoldStream(Sidecar sidecar, Classifier classifier) {
    this.sidecar = sidecar;
    this.classifier = classifier;
    this.renewals = new LeaseRenewals(sidecar, this::lost);
  }

  /**
   * Asks for a lease; completes on the loop's thread. Whoever cancels it has nothing to give back.
   */
  CompletableFuture<Acquired> acquire(AcquireRequest request, Duration maxWait) {
    Waiter waiter = new Waiter();
    long deadline = sidecar.deadlineNanos(maxWait);
    if (!sidecar.run(() -> ask(waiter, request, deadline))) {
      waiter.completeExceptionally(SidecarFailure.closedMeanwhile());
    }
    return waiter;
  }

  void release(HeldLease held, CallResult result) {
    sidecar.run(() -> releaseNow(held, result));
  }

  /** Gives back all that is held; completes when the sidecar has heard of it. */
  CompletableFuture<Void> close() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    boolean begun =
        sidecar.run(
            () -> {
              closing = closed;
              failWaiters(SidecarFailure.closedMeanwhile());
              loseAll();
              if (stream == null) {
                closed.complete(null);
              } else {
                unsent.forEach(stream::send);
                unsent.clear();
                stream.halfClose();
              }
            });
    if (!begun) {
      closed.complete(null);
    }
    return closed;
  }

  /** Ends the stream, whether or not the sidecar has heard of `close`. */
  void cancel() {
    sidecar.run(
        () -> {
          if (stream != null) {
            stream.cancel();
            stream = null;
          }
        });
  }

  /** What is kept of callers that wait, leases that are held and what is to be sent. */
  CompletableFuture<Integer> pending() {
    CompletableFuture<Integer> pending = new CompletableFuture<>();
    sidecar.run(() -> pending.complete(waiters.size() + leases.size() + unsent.size()));
    return pending;
  }

  @Override
  public void onReady() {
    sendUnsent();
  }

  @Override
  public void onMessage(HoldResponse answer) {
    switch (answer.getResponseCase()) {
      case ACQUIRED -> acquired(answer.getId(), answer.getAcquired());
      case ERROR -> {
        Waiter waiter = takeWaiter(answer.getId());
        if (waiter != null) {
          waiter.completeExceptionally(
              new SidecarFailure(
                  Status.fromCodeValue(answer.getError().getCode())
                      .withDescription(answer.getError().getMessage())));
        }
      }
      case LOST_LEASE_ID -> lost(leases.get(answer.getLostLeaseId()));
      default -> {} // a release was answered
    }
  }

  @Override
  public void onEnd(Status status) {
    stream = null;
    unsent.clear();
    failWaiters(
        new SidecarFailure(status.isOk() ? Status.UNAVAILABLE.withDescription("ended") : status));
    loseAll();
    if (closing != null) {
      closing.complete(null);
    }
  }

  private void ask(Waiter waiter, AcquireRequest request, long deadline) {
    if (waiter.isDone()) {
      return;
    }
    if (closing != null) {
      waiter.completeExceptionally(SidecarFailure.closedMeanwhile());
      return;
    }
    waiter.id = ++lastId;
    waiter.asked = System.nanoTime();
    waiters.put(waiter.id, waiter);
    waiter.timer =
        sidecar
            .loop()
            .schedule(
                () -> late(waiter),
                Math.max(0, deadline - System.nanoTime()),
                TimeUnit.NANOSECONDS);
    waiter.whenComplete(
        (acquired, failure) -> {
          if (waiter.isCancelled()) {
            sidecar.run(() -> giveUp(waiter));
          }
        });
    send(HoldRequest.newBuilder().setId(waiter.id).setAcquire(request).build());
  }

  private void late(Waiter waiter) {
    giveUp(waiter);
    waiter.completeExceptionally(SidecarFailure.late());
  }

  // If it was sent, the sidecar is told not to grant it; if it has granted it, that comes back as the
  // answer to nobody's question.
  private void giveUp(Waiter waiter) {
    if (takeWaiter(waiter.id) == null) {
      return;
    }
    boolean wasUnsent = unsent.removeIf(request -> request.getId() == waiter.id);
    if (!wasUnsent) {
      send(HoldRequest.newBuilder().setId(++lastId).setCancel(waiter.id).build());
    }
  }

  private void acquired(long id, AcquireResponse response) {
    Waiter waiter = takeWaiter(id);
    if (!response.getAcquired()) {
      if (waiter != null) {
        waiter.complete(new Acquired(response, null));
      }
      return;
    }
    if (waiter != null) {
      HeldLease held =
          new HeldLease(
              this, stream, response, waiter.asked, classifier, sidecar.callbacks());
      leases.put(held.id, held);
      renewals.schedule(held);
      if (waiter.complete(new Acquired(response, held.lease))) {
        return;
      }
      forget(held);
    }
    sendRelease(response.getLeaseId(), CallResult.IGNORED);
  }

  private void releaseNow(HeldLease held, CallResult result) {
    forget(held);
    // Another stream than that which holds it has nothing to release.
    if (held.stream == stream && stream != null && closing == null) {
      sendRelease(held.id, result);
    }
  }

  private void sendRelease(long leaseId, CallResult result) {
    ReleaseRequest release =
        ReleaseRequest.newBuilder()
            .setLeaseId(leaseId)
            .setResult(Result.valueOf(result.name()))
            .build();
    send(HoldRequest.newBuilder().setId(++lastId).setRelease(release).build());
  }

  private void send(HoldRequest request) {
    if (stream == null && request.hasAcquire()) {
      stream = sidecar.stream(PoolGrpc.getHoldMethod(), this);
      unsent.add(request); // before the stream begins: it may end at once
      stream.start();
      sendUnsent();
    } else if (stream != null) {
      unsent.add(request);
      sendUnsent();
    }
  }

  // A sidecar that does not read must not fill our memory.
  private void sendUnsent() {
    while (stream != null && stream.isReady() && !unsent.isEmpty()) {
      HoldRequest request = unsent.poll();
      Waiter waiter = request.hasAcquire() ? waiters.get(request.getId()) : null;
      if (waiter != null) {
        waiter.asked = System.nanoTime();
      }
      stream.send(request);
    }
  }

  private Waiter takeWaiter(long id) {
    Waiter waiter = waiters.remove(id);
    if (waiter != null) {
      waiter.timer.cancel(false);
    }
    return waiter;
  }

  private void failWaiters(SidecarFailure failure) {
    List<Waiter> lost = List.copyOf(waiters.values());
    lost.forEach(waiter -> takeWaiter(waiter.id));
    lost.forEach(waiter -> waiter.completeExceptionally(failure));
  }

  private void lost(HeldLease held) {
    if (held != null) {
      forget(held);
      held.lease.lose();
    }
  }

  private void loseAll() {
    new ArrayList<>(leases.values()).forEach(this::lost);
  }

  private void forget(HeldLease held) {
    leases.remove(held.id, held);
    renewals.cancel(held);
  }
}
