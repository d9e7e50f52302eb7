package io.outrigger.client.connection;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.outrigger.client.OutriggerException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The sidecar as one client sees it: its calls, their deadlines, and how their answers come to the
 * caller. Thread-safe. Not for applications.
 *
 * <p>Futures here complete on the channel's one thread, which must never wait; what a caller gets
 * completes on its executor.
 */
public final class Sidecar {
  /** What calls that nobody waits for may take on top of the timeout. */
  public static final Duration UNHURRIED = Duration.ofSeconds(1);

  private final SharedChannel shared;
  private final Channel channel;
  private final EventLoop loop;
  private final Duration timeout;
  private final Executor callbacks;
  private final CallsUnderWay underWay = new CallsUnderWay();
  private volatile boolean closed; // for its caller; we report and give back until the end

  /**
   * Connects nothing yet.
   *
   * @param target where it listens
   * @param timeout of each call; more than zero
   * @param callbacks completes what callers wait for
   */
  public Sidecar(Target target, Duration timeout, Executor callbacks) {
    this.shared = SharedChannel.open(target);
    this.channel = ClientInterceptors.intercept(shared.channel(), Traces.interceptors());
    this.loop = shared.loop();
    this.timeout = timeout;
    this.callbacks = callbacks;
  }

  /**
   * Asks once.
   *
   * @param <Q> question
   * @param <A> answer
   * @param method what to call
   * @param question not null
   * @param mayWait what the sidecar may wait before it answers; comes on top of the timeout
   * @return fails with {@link SidecarFailure} only
   */
  public <Q, A> CompletableFuture<A> call(
      MethodDescriptor<Q, A> method, Q question, Duration mayWait) {
    return underWay.begin(
        () ->
            UnaryCall.begin(
                channel, method, question, Times.nanos(timeout), Times.nanos(mayWait)));
  }

  /**
   * Runs a task on the loop.
   *
   * @param task must not wait
   * @return false: the channel has been closed, and it may never run
   */
  public boolean run(Runnable task) {
    try {
      loop.execute(task);
      return !loop.isShutdown(); // then the loop may have looked for tasks for the last time
    } catch (RejectedExecutionException ended) {
      return false;
    }
  }

  /**
   * A stream of this client's; to be used on the loop only.
   *
   * @param <Q> questions
   * @param <A> answers
   * @param method what to call
   * @param events what happens on it
   * @return not begun before the first use
   */
  public <Q, A> SidecarStream<Q, A> stream(
      MethodDescriptor<Q, A> method, SidecarStream.Events<A> events) {
    return new SidecarStream<>(channel, loop, method, events);
  }

  /**
   * Waits for an answer in the caller's thread.
   *
   * @param <A> answer
   * @param call one of this client's
   * @param unclaimed gets an answer that comes though the caller has gone away
   * @return the answer
   * @throws SidecarFailure if there is none
   * @throws OutriggerException if the thread was interrupted; it stays so
   */
  public <A> A await(CompletableFuture<A> call, Consumer<? super A> unclaimed) {
    if (loop.inEventLoop()) {
      throw new IllegalStateException("a call that waits, on the thread that reads its answer");
    }
    try {
      return call.get();
    } catch (InterruptedException interrupted) {
      Handover.giveUp(call, unclaimed);
      Thread.currentThread().interrupt();
      throw new OutriggerException(OutriggerException.Code.CANCELLED, "interrupted");
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(failed.getCause());
    }
  }

  /**
   * {@link #await(CompletableFuture, Consumer)} of an answer that nobody needs then.
   *
   * @param <A> answer
   * @param call one of this client's
   * @return the answer
   * @throws SidecarFailure if there is none
   * @throws OutriggerException if the thread was interrupted; it stays so
   */
  public <A> A await(CompletableFuture<A> call) {
    return await(call, answer -> {});
  }

  /**
   * The answer as the caller gets it: later, on its executor. To complete it gives the call up.
   *
   * @param <A> answer
   * @param <R> what the caller gets
   * @param call one of this client's
   * @param answered makes that of an answer
   * @param failed makes it of a failure, or throws
   * @param unclaimed gets what is made though the caller has gone away
   * @return completes on the caller's executor
   */
  public <A, R> CompletableFuture<R> async(
      CompletableFuture<A> call,
      Function<? super A, ? extends R> answered,
      Function<SidecarFailure, ? extends R> failed,
      Consumer<? super R> unclaimed) {
    CompletableFuture<R> made =
        call.handleAsync(
            (answer, failure) -> {
              if (failure == null) {
                return answered.apply(answer);
              }
              if (failure instanceof SidecarFailure sidecar) {
                return failed.apply(sidecar);
              }
              throw new IllegalStateException(failure);
            },
            callbacks);
    CompletableFuture<R> result = new CompletableFuture<>();
    made.whenComplete(
        (value, failure) -> {
          if (failure != null) {
            Handover.fail(result, failure);
          } else if (!result.complete(value)) {
            unclaimed.accept(value);
          }
        });
    result.whenComplete((value, failure) -> call.cancel(true)); // nothing, if it has ended
    return result;
  }

  /**
   * {@link #async(CompletableFuture, Function, Function, Consumer)} of an answer that nobody needs
   * then.
   *
   * @param <A> answer
   * @param <R> what the caller gets
   * @param call one of this client's
   * @param answered makes that of an answer
   * @param failed makes it of a failure, or throws
   * @return completes on the caller's executor
   */
  public <A, R> CompletableFuture<R> async(
      CompletableFuture<A> call,
      Function<? super A, ? extends R> answered,
      Function<SidecarFailure, ? extends R> failed) {
    return async(call, answered, failed, answer -> {});
  }

  /**
   * When a call that begins now must have ended, by {@link System#nanoTime}.
   *
   * @param mayWait what the sidecar may wait before it answers
   * @return the timeout, or the caller's own gRPC deadline if that is sooner
   */
  public long deadlineNanos(Duration mayWait) {
    long nanos = Times.nanos(timeout) + Times.nanos(mayWait);
    Deadline callers = Context.current().getDeadline();
    if (callers != null) {
      nanos = Math.min(nanos, callers.timeRemaining(TimeUnit.NANOSECONDS));
    }
    return System.nanoTime() + nanos;
  }

  /**
   * The thread that reads and writes. Tasks on it must not wait.
   *
   * @return the channel's
   */
  public EventLoop loop() {
    return loop;
  }

  /**
   * Where the caller's own code runs.
   *
   * @return the client's executor
   */
  public Executor callbacks() {
    return callbacks;
  }

  /**
   * Each call's time.
   *
   * @return more than zero
   */
  public Duration timeout() {
    return timeout;
  }

  /**
   * Begins a call of the application's, whose arguments are right. From now on it is under way: if
   * the client is closed before it was answered, or even sent, the policy answers it.
   *
   * @param counts counts it
   * @throws OutriggerException if the client is closed
   */
  public void begin(PartCounts counts) {
    checkOpen();
    counts.began();
  }

  /**
   * Refuses what is asked of a closed client.
   *
   * @throws OutriggerException if it is
   */
  public void checkOpen() {
    if (closed) {
      throw new OutriggerException(OutriggerException.Code.CLOSED, "the client is closed");
    }
  }

  /**
   * Whether {@link #refuseCalls} was called.
   *
   * @return true for ever then
   */
  public boolean isClosed() {
    return closed;
  }

  /**
   * From now on its caller's calls are mistakes; {@link #call} still works.
   *
   * @return false: they were before
   */
  public synchronized boolean refuseCalls() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /** Ends the calls under way; those that still come fail at once. */
  public void endCalls() {
    underWay.end();
  }

  /** Gives the channel up. To be called once, after {@link #endCalls}. */
  public void release() {
    shared.release();
  }
}
