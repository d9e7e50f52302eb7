package io.outrigger.client.limits;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.outrigger.client.connection.Sidecar;
import io.outrigger.client.connection.SidecarFailure;
import io.outrigger.client.connection.SidecarStream;
import io.outrigger.ratelimit.v1.AllowRequest;
import io.outrigger.ratelimit.v1.AllowResponse;
import io.outrigger.ratelimit.v1.AllowStreamRequest;
import io.outrigger.ratelimit.v1.AllowStreamResponse;
import io.outrigger.ratelimit.v1.RateLimiterGrpc;
import io.outrigger.ratelimit.v1.StreamError;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sends questions that come at the same time as one message of AllowStream. Thread-safe.
 *
 * <p>A caller puts its question into a queue; the first of them wakes the channel's thread, which
 * sends all that have gathered by the time it runs. Nobody waits for more to come. Everything but
 * the queue belongs to that thread.
 */
final class AllowBatcher implements SidecarStream.Events<AllowStreamResponse> {
  private static final int MOST_IN_A_MESSAGE = 1000;
  private static final int MOST_BYTES = 256 << 10; // of a message of more than one
  // Deadlines this close together are looked at together.
  private static final long SWEEP_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** One question; completes with its answer. */
  private static final class Question extends CompletableFuture<AllowResponse> {
    final AllowRequest request;
    final long deadline;

    Question(AllowRequest request, long deadline) {
      this.request = request;
      this.deadline = deadline;
    }
  }

  private final Sidecar sidecar;
  private final EventLoop loop;
  private final ConcurrentLinkedQueue<Question> gathered = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean();
  private final Runnable flush = this::flush;

  // Of the loop's thread.
  private final ArrayDeque<Question> unsent = new ArrayDeque<>();
  private final Map<Long, List<Question>> underWay = new HashMap<>();
  private SidecarStream<AllowStreamRequest, AllowStreamResponse> stream;
  private long lastId;
  private boolean sweeping;
  private long nextSweep;

  AllowBatcher(Sidecar sidecar) {
    this.sidecar = sidecar;
    this.loop = sidecar.loop();
  }

  /** Asks; the future completes on the loop's thread, or fails with SidecarFailure. */
  CompletableFuture<AllowResponse> ask(AllowRequest request, long deadlineNanos) {
    Question question = new Question(request, deadlineNanos);
    gathered.add(question);
    if (!awake.get() && awake.compareAndSet(false, true) && !sidecar.run(flush)) {
      failGathered();
    }
    return question;
  }

  /** Ends the stream; what is under way, or still comes, fails. */
  void close() {
    sidecar.run(
        () -> {
          takeGathered();
          failAll(SidecarFailure.closedMeanwhile());
          if (stream != null) {
            stream.cancel();
            stream = null;
          }
        });
  }

  /** How many questions are kept that were not sent yet. */
  CompletableFuture<Integer> pending() {
    CompletableFuture<Integer> pending = new CompletableFuture<>();
    sidecar.run(() -> pending.complete(unsent.size()));
    return pending;
  }

  @Override
  public void onReady() {
    sendUnsent();
  }

  @Override
  public void onMessage(AllowStreamResponse answer) {
    List<Question> questions = underWay.remove(answer.getId());
    if (questions == null) {
      return; // all of them had to be answered before
    }
    if (answer.hasError()) {
      refused(questions, answer.getError());
      return;
    }
    if (answer.getResponsesCount() != questions.size()) {
      SidecarFailure wrong =
          new SidecarFailure(Status.INTERNAL.withDescription("answers are missing"));
      questions.forEach(question -> question.completeExceptionally(wrong));
      return;
    }
    for (int i = 0; i < questions.size(); i++) {
      questions.get(i).complete(answer.getResponses(i));
    }
  }

  @Override
  public void onEnd(Status status) {
    stream = null;
    SidecarFailure broken =
        new SidecarFailure(status.isOk() ? Status.UNAVAILABLE.withDescription("ended") : status);
    failAll(broken);
  }

  private void flush() {
    awake.set(false); // before the queue is read: who comes later wakes the loop again
    takeGathered();
    if (sidecar.isClosed()) {
      failAll(SidecarFailure.closedMeanwhile());
      return;
    }
    sendUnsent();
  }

  // The loop has ended. Others may have left their questions to us, too, finding it awake.
  private void failGathered() {
    awake.set(false); // before the queue is read: who comes later comes here as well
    for (Question next = gathered.poll(); next != null; next = gathered.poll()) {
      next.completeExceptionally(SidecarFailure.closedMeanwhile());
    }
  }

  private void takeGathered() {
    for (Question next = gathered.poll(); next != null; next = gathered.poll()) {
      unsent.add(next);
      if (!sweeping || next.deadline - nextSweep < 0) {
        sweepAt(next.deadline);
      }
    }
  }

  private void sendUnsent() {
    if (unsent.isEmpty()) {
      return;
    }
    if (stream == null) {
      stream = sidecar.stream(RateLimiterGrpc.getAllowStreamMethod(), this);
      stream.start();
    }
    // A sidecar that does not read must not fill our memory: the rest waits, until its deadline.
    while (!unsent.isEmpty() && stream != null && stream.isReady()) {
      List<Question> questions = takeUnsent();
      if (!questions.isEmpty()) {
        send(questions);
      }
    }
  }

  // As many as fit into a message.
  private List<Question> takeUnsent() {
    List<Question> questions = new ArrayList<>(Math.min(unsent.size(), MOST_IN_A_MESSAGE));
    int bytes = 0;
    while (questions.size() < MOST_IN_A_MESSAGE && !unsent.isEmpty()) {
      Question question = unsent.peek();
      if (!question.isDone()) {
        int size = question.request.getSerializedSize();
        if (!questions.isEmpty() && bytes + size > MOST_BYTES) {
          break;
        }
        questions.add(question);
        bytes += size;
      }
      unsent.poll();
    }
    return questions;
  }

  private void send(List<Question> questions) {
    long id = ++lastId;
    AllowStreamRequest.Builder message = AllowStreamRequest.newBuilder().setId(id);
    for (Question question : questions) {
      message.addRequests(question.request);
    }
    underWay.put(id, questions);
    stream.send(message.build());
  }

  // For a caller's mistake the sidecar refuses a message as a whole, and takes nothing for it. So that
  // the mistake stays its caller's own, each is asked again by itself. After any other failure tokens
  // may have been taken: nothing is asked twice.
  private void refused(List<Question> questions, StreamError error) {
    Status status = Status.fromCodeValue(error.getCode());
    boolean mistake =
        status.getCode() == Status.Code.INVALID_ARGUMENT
            || status.getCode() == Status.Code.NOT_FOUND;
    if (questions.size() == 1 || !mistake) {
      String message = error.getMessage().replace("requests[0].", "");
      SidecarFailure failure = new SidecarFailure(status.withDescription(message));
      questions.forEach(question -> question.completeExceptionally(failure));
      return;
    }
    for (Question question : questions) {
      if (!question.isDone()) {
        send(List.of(question));
      }
    }
  }

  // One timer for all deadlines, at the earliest that was known when it was set. It is not set back
  // when answers come: that would cost more than to look in vain now and then.
  private void sweepAt(long deadline) {
    sweeping = true;
    nextSweep = deadline;
    long delay = Math.max(0, deadline - System.nanoTime());
    loop.schedule(() -> sweep(deadline), delay, TimeUnit.NANOSECONDS);
  }

  private void sweep(long scheduledFor) {
    if (!sweeping || scheduledFor != nextSweep) {
      return; // an earlier one has been set since
    }
    sweeping = false;
    long now = System.nanoTime();
    Long left = null; // time to the earliest deadline that is left
    left = endLate(unsent.iterator(), now, left);
    unsent.removeIf(Question::isDone);
    for (Iterator<List<Question>> lists = underWay.values().iterator(); lists.hasNext(); ) {
      List<Question> questions = lists.next();
      Long ofThese = endLate(questions.iterator(), now, null);
      if (ofThese == null) {
        lists.remove();
      } else if (left == null || ofThese < left) {
        left = ofThese;
      }
    }
    if (left != null) {
      sweepAt(now + Math.max(left, SWEEP_STEP_NANOS));
    }
  }

  private static Long endLate(Iterator<Question> questions, long now, Long least) {
    Long left = least;
    while (questions.hasNext()) {
      Question question = questions.next();
      long ofThis = question.deadline - now;
      if (ofThis <= 0) {
        question.completeExceptionally(SidecarFailure.late());
      } else if (!question.isDone() && (left == null || ofThis < left)) {
        left = ofThis;
      }
    }
    return left;
  }

  private void failAll(SidecarFailure failure) {
    failSent(failure);
    failUnsent(failure);
  }

  private void failSent(SidecarFailure failure) {
    List<List<Question>> lost = new ArrayList<>(underWay.values());
    underWay.clear();
    for (List<Question> questions : lost) {
      questions.forEach(question -> question.completeExceptionally(failure));
    }
  }

  private void failUnsent(SidecarFailure failure) {
    List<Question> lost = new ArrayList<>(unsent);
    unsent.clear();
    lost.forEach(question -> question.completeExceptionally(failure));
  }
}
