package io.outrigger.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.outrigger.cache.v1.AbandonRequest;
import io.outrigger.cache.v1.AbandonResponse;
import io.outrigger.cache.v1.CacheGrpc;
import io.outrigger.cache.v1.GetManyRequest;
import io.outrigger.cache.v1.GetManyResponse;
import io.outrigger.cache.v1.GetRequest;
import io.outrigger.cache.v1.GetResponse;
import io.outrigger.cache.v1.SetManyRequest;
import io.outrigger.cache.v1.SetManyResponse;
import io.outrigger.cache.v1.Status;
import io.outrigger.client.FakeSidecar;
import io.outrigger.client.Outrigger;
import io.outrigger.client.OutriggerException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Keys that others load. */
class ManyLoadsTest {
  private static final ByteString TOKEN = ByteString.copyFromUtf8("token");
  private static final List<String> KEYS = List.of("theirs", "mine");
  private static final CacheOptions USUAL = CacheOptions.usual();

  private final BlockingQueue<String> stored = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> abandoned = new LinkedBlockingQueue<>();

  private static Map<String, String> load(List<String> keys) {
    return keys.stream().collect(Collectors.toMap(key -> key, key -> key + "!"));
  }

  @Test
  void whatMayBeLoadedDoesNotWaitForTheRest() throws Exception {
    try (FakeSidecar fake = new FakeSidecar(new Mutual());
        Outrigger client = fake.connect()) {
      checkMutual(
          client
              .cache("profiles", Codec.text())
              .<RuntimeException>getOrLoadMany(KEYS, ManyLoadsTest::load, USUAL));
    }
  }

  @Test
  void norWithoutBlocking() throws Exception {
    try (FakeSidecar fake = new FakeSidecar(new Mutual());
        Outrigger client = fake.connect()) {
      checkMutual(
          client
              .cache("profiles", Codec.text())
              .getOrLoadManyAsync(
                  KEYS, keys -> CompletableFuture.completedFuture(load(keys)), USUAL)
              .get());
    }
  }

  private void checkMutual(Map<String, Cached<String>> answers) {
    assertEquals("mine!", answers.get("mine").value());
    assertEquals("other", answers.get("theirs").value());
    assertFalse(answers.get("theirs").loaded());
    assertEquals("mine", stored.poll());
  }

  @Test
  void aValueThatIsStaleAfterTheWaitIsLoadedAnew() throws Exception {
    GetResponse stale =
        GetResponse.newBuilder()
            .setStatus(Status.STALE)
            .setValue(ByteString.copyFromUtf8("old"))
            .setFillToken(TOKEN)
            .build();
    try (FakeSidecar fake = new FakeSidecar(new Answering(stale));
        Outrigger client = fake.connect()) {
      Cache<String> cache = client.cache("profiles", Codec.text());
      Map<String, Cached<String>> answers =
          cache.<RuntimeException>getOrLoadMany(List.of("a"), ManyLoadsTest::load, USUAL);
      assertEquals("old", answers.get("a").value());
      assertEquals("a", stored.poll(30, TimeUnit.SECONDS));
      cache
          .getOrLoadManyAsync(
              List.of("b"), keys -> CompletableFuture.completedFuture(load(keys)), USUAL)
          .get();
      assertEquals("b", stored.poll(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void aLoadThatFailsAfterTheWaitGivesItsRightBack() throws Exception {
    GetResponse fill =
        GetResponse.newBuilder().setStatus(Status.MISS).setFillToken(TOKEN).build();
    try (FakeSidecar fake = new FakeSidecar(new Answering(fill));
        Outrigger client = fake.connect()) {
      Cache<String> cache = client.cache("profiles", Codec.text());
      assertThrows(
          IllegalStateException.class,
          () ->
              cache.<RuntimeException>getOrLoadMany(
                  List.of("a"),
                  keys -> {
                    throw new IllegalStateException("no");
                  },
                  USUAL));
      assertEquals("a", abandoned.poll(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void whoIsInterruptedWaitsNoLonger() throws Exception {
    Hanging service = new Hanging();
    try (FakeSidecar fake = new FakeSidecar(service);
        Outrigger client = fake.connect()) {
      Cache<String> cache = client.cache("profiles", Codec.text());
      CompletableFuture<OutriggerException.Code> ended = new CompletableFuture<>();
      Thread waiter =
          new Thread(
              () -> {
                try {
                  cache.<RuntimeException>getOrLoadMany(
                      List.of("a"), ManyLoadsTest::load, USUAL);
                  ended.complete(null);
                } catch (OutriggerException cancelled) {
                  ended.complete(cancelled.code());
                }
              });
      waiter.start();
      assertTrue(service.asked.poll(30, TimeUnit.SECONDS));
      waiter.interrupt();
      assertEquals(OutriggerException.Code.CANCELLED, ended.get());
    }
  }

  /** Others load all keys. */
  private abstract class Others extends CacheGrpc.CacheImplBase {
    @Override
    public void getMany(GetManyRequest request, StreamObserver<GetManyResponse> answers) {
      GetManyResponse.Builder answer = GetManyResponse.newBuilder();
      request
          .getRequestsList()
          .forEach(key -> answer.addResponses(GetResponse.newBuilder().setStatus(Status.MISS)));
      answers.onNext(answer.build());
      answers.onCompleted();
    }

    @Override
    public void setMany(SetManyRequest request, StreamObserver<SetManyResponse> answers) {
      request.getRequestsList().forEach(one -> stored.add(one.getKey()));
      answers.onNext(SetManyResponse.getDefaultInstance());
      answers.onCompleted();
    }

    @Override
    public void abandon(AbandonRequest request, StreamObserver<AbandonResponse> answers) {
      abandoned.add(request.getKey());
      answers.onNext(AbandonResponse.getDefaultInstance());
      answers.onCompleted();
    }
  }

  /** The other has "theirs", and waits for "mine". */
  private final class Mutual extends Others {
    private final CompletableFuture<Void> mineIsStored = new CompletableFuture<>();

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> answers) {
      if (request.getKey().equals("mine")) {
        answers.onNext(
            GetResponse.newBuilder().setStatus(Status.MISS).setFillToken(TOKEN).build());
        answers.onCompleted();
        return;
      }
      mineIsStored.thenRun(
          () -> {
            answers.onNext(
                GetResponse.newBuilder()
                    .setStatus(Status.HIT)
                    .setValue(ByteString.copyFromUtf8("other"))
                    .build());
            answers.onCompleted();
          });
    }

    @Override
    public void setMany(SetManyRequest request, StreamObserver<SetManyResponse> answers) {
      super.setMany(request, answers);
      mineIsStored.complete(null);
    }
  }

  private final class Answering extends Others {
    private final GetResponse answer;

    Answering(GetResponse answer) {
      this.answer = answer;
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> answers) {
      answers.onNext(answer);
      answers.onCompleted();
    }
  }

  private final class Hanging extends Others {
    final BlockingQueue<Boolean> asked = new LinkedBlockingQueue<>();

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> answers) {
      asked.add(true);
    }
  }
}
