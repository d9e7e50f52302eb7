package io.outrigger.client.breaker;

import io.outrigger.breaker.v1.AcquireRequest;
import io.outrigger.breaker.v1.AcquireResponse;
import io.outrigger.breaker.v1.BreakerGrpc;
import io.outrigger.breaker.v1.State;
import io.outrigger.client.CallResult;
import io.outrigger.client.Classifier;
import io.outrigger.client.OutriggerException;
import io.outrigger.client.Source;
import io.outrigger.client.connection.Handover;
import io.outrigger.client.connection.SafeClassifier;
import io.outrigger.client.connection.SidecarFailure;
import io.outrigger.client.connection.Times;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A circuit breaker that the whole fleet shares. Thread-safe.
 *
 * <pre>{@code
 * Breaker payments = outrigger.breaker("payments");
 * Receipt receipt = payments.call(() -> client.charge(card));
 * }</pre>
 *
 * <p>While the sidecar has told its state, decisions are made in this process; only probes, and the
 * first calls of all, ask it. A call that may not be made is a {@link BreakerOpenException}. Methods
 * throw {@link OutriggerException} for mistakes of the caller's (a breaker that is not configured, a
 * closed client), and if the thread is interrupted while it asks.
 */
public final class Breaker {
  private final Breakers client;
  private final String name;
  private final String method; // "": none
  private final BreakerOptions options;
  private final Classifier classifier;
  private final BreakerPolicy policy;
  private final WatchedBreaker watched;

  Breaker(Breakers client, String name, String method, BreakerOptions options) {
    this.client = client;
    this.name = name;
    this.method = method;
    this.options = options;
    this.classifier = new SafeClassifier(options.classifierOr(client.classifier));
    this.policy = options.policyOr(client.policy);
    this.watched = client.watch.breaker(name);
  }

  /**
   * The same breaker for calls of one method of the service, if it is configured with per_method.
   *
   * @param method at most 256 bytes; empty: none
   * @return costs little to make again
   */
  public Breaker method(String method) {
    return new Breaker(client, name, method, options);
  }

  /**
   * Makes a call, if it may be made, and counts how it ended.
   *
   * @param <T> what it returns
   * @param body the call
   * @return what it returned
   * @throws BreakerOpenException if it may not be made
   * @throws Exception what the call throws, as it is
   */
  public <T> T call(Callable<T> body) throws Exception {
    return run(enter(), body);
  }

  /**
   * Makes a call, or asks another function if it may not be made.
   *
   * @param <T> what they return
   * @param body the call
   * @param instead is given why not; its failures are not counted
   * @return what one of them returned
   * @throws Exception what they throw, as it is
   */
  public <T> T call(Callable<T> body, Function<BreakerOpenException, T> instead)
      throws Exception {
    Permit permit;
    try {
      permit = enter();
    } catch (BreakerOpenException denied) {
      return instead.apply(denied);
    }
    return run(permit, body);
  }

  /**
   * {@link #call(Callable)} that does not block.
   *
   * @param <T> what the call gives
   * @param body begins the call
   * @return what it gave; fails with {@link BreakerOpenException} if it may not be made. To cancel it
   *     does not end a call that has begun
   */
  public <T> CompletableFuture<T> callAsync(
      Supplier<? extends CompletionStage<? extends T>> body) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Handover.then(enterAsync(), result, permit -> begin(permit, body), Breaker::giveBack);
    return result;
  }

  /**
   * The right to make one call, for calls that are not a function. Its end must be told.
   *
   * @return to be closed when the call has ended
   * @throws BreakerOpenException if it may not be made
   */
  public Permit enter() {
    Permit permit = decideHere();
    if (permit != null) {
      return permit;
    }
    try {
      return acquired(client.sidecar.await(acquire(), this::unclaimed));
    } catch (SidecarFailure failure) {
      return withoutSidecar(failure);
    }
  }

  /**
   * {@link #enter} that does not block.
   *
   * @return done at once while the process decides; fails with {@link BreakerOpenException} if the
   *     call may not be made
   */
  public CompletableFuture<Permit> enterAsync() {
    try {
      Permit permit = decideHere();
      if (permit != null) {
        return CompletableFuture.completedFuture(permit);
      }
    } catch (BreakerOpenException denied) {
      return CompletableFuture.failedFuture(denied);
    }
    return client.sidecar.async(
        acquire(), this::acquired, this::withoutSidecar, Breaker::giveBack);
  }

  /**
   * What the sidecar has told of it. Begins to listen, if nothing has before.
   *
   * @return empty: nothing yet
   */
  public Optional<BreakerStatus> status() {
    client.sidecar.checkOpen();
    client.watch.begin();
    Watched told = watched.of(method);
    return told == null
        ? Optional.empty()
        : Optional.of(
            new BreakerStatus(
                told.isValid(System.nanoTime()),
                told.state(),
                told.admitRatio(),
                told.generation()));
  }

  /**
   * The configured name.
   *
   * @return not null
   */
  public String name() {
    return name;
  }

  String methodName() {
    return method;
  }

  Classifier classifier() {
    return classifier;
  }

  /** A permit's call has ended. */
  void ended(Permit permit) {
    if (permit.source() == Source.SIDECAR) {
      client.reporter.add(permit);
    } else if (policy instanceof BreakerPolicy.Local local) {
      client.localOf(name, method, local).ended(permit.number(), permit.result());
    }
  }

  private <T> T run(Permit permit, Callable<T> body) throws Exception {
    T value;
    try {
      value = body.call();
    } catch (Throwable failure) {
      permit.failed(failure);
      throw failure;
    }
    permit.end(classifier.ofValue(value));
    return value;
  }

  private <T> CompletableFuture<T> begin(
      Permit permit, Supplier<? extends CompletionStage<? extends T>> body) {
    CompletableFuture<T> call;
    try {
      call = body.get().<T>thenApply(value -> value).toCompletableFuture();
    } catch (Throwable failure) {
      call = CompletableFuture.failedFuture(failure);
    }
    return call.whenComplete(
        (value, failure) ->
            permit.end(
                failure == null ? classifier.ofValue(value) : classifier.ofFailure(failure)));
  }

  // The permit, if what was told decides; null: ask.
  private Permit decideHere() {
    client.sidecar.begin(client.counts());
    client.watch.begin();
    Watched told = watched.of(method);
    if (told == null) {
      return null;
    }
    long now = System.nanoTime();
    if (!told.decides(now)) {
      return null;
    }
    if (told.isOpen() || !admits(told)) {
      throw told.denied(name, now);
    }
    return new Permit(this, 0, told.generation(), false, Source.SIDECAR, now);
  }

  private static boolean admits(Watched told) {
    return told.state() != State.CLOSED
        || told.admitRatio() >= 1
        || ThreadLocalRandom.current().nextDouble() < told.admitRatio();
  }

  private CompletableFuture<AcquireResponse> acquire() {
    AcquireRequest.Builder request =
        AcquireRequest.newBuilder()
            .setBreaker(name)
            .setMethod(method)
            .setSession(client.watch.session());
    if (!options.callTimeout().isZero()) {
      request.setTimeout(Times.toProto(options.callTimeout()));
    }
    return client.sidecar.call(BreakerGrpc.getAcquireMethod(), request.build(), Duration.ZERO);
  }

  private Permit acquired(AcquireResponse response) {
    watched.acquired(method, response.getGeneration());
    if (response.getAllowed()) {
      return new Permit(
          this,
          response.getPermit(),
          response.getGeneration(),
          response.getProbe(),
          Source.SIDECAR,
          System.nanoTime());
    }
    throw BreakerOpenException.of(name, response);
  }

  // Its caller has gone; if it is a probe, another may have it.
  private static void giveBack(Permit unclaimed) {
    unclaimed.end(CallResult.IGNORED);
  }

  private void unclaimed(AcquireResponse response) {
    if (response.getAllowed()) {
      giveBack(acquired(response));
    }
  }

  private Permit withoutSidecar(SidecarFailure failure) {
    failure.throwIfCallers();
    client.counts().fellBack();
    if (policy instanceof BreakerPolicy.Local local) {
      long era = client.localOf(name, method, local).enter(name);
      return new Permit(this, era, 0, false, Source.FALLBACK, System.nanoTime());
    }
    if (policy instanceof BreakerPolicy.Allow) {
      return new Permit(this, 0, 0, false, Source.FALLBACK, System.nanoTime());
    }
    throw BreakerOpenException.withoutSidecar(name);
  }
}
