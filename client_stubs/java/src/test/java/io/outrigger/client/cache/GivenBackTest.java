package io.outrigger.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import io.outrigger.cache.v1.SetRequest;
import io.outrigger.cache.v1.SetResponse;
import io.outrigger.cache.v1.Status;
import io.outrigger.client.FakeSidecar;
import io.outrigger.client.Interrupted;
import io.outrigger.client.Outrigger;
import io.outrigger.client.OutriggerException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rights to load that were not used. */
class GivenBackTest {
  private static final GetResponse FILL =
      GetResponse.newBuilder()
          .setStatus(Status.MISS)
          .setFillToken(ByteString.copyFromUtf8("token"))
          .build();
  private static final CacheOptions USUAL = CacheOptions.usual();

  private final Service service = new Service();
  private FakeSidecar fake;
  private Outrigger client;
  private Cache<String> cache;

  @BeforeEach
  void connect() throws Exception {
    fake = new FakeSidecar(service);
    client = fake.connect();
    cache = client.cache("profiles", Codec.text());
  }

  @AfterEach
  void close() {
    client.close();
    fake.close();
  }

  private String abandoned() throws Exception {
    return service.abandoned.poll(30, TimeUnit.SECONDS);
  }

  @Test
  void whatTheSidecarDoesNotTakeAnotherMayLoad() throws Exception {
    service.getsFill();
    service.setsFail();
    assertEquals("a", cache.getOrLoad("a", missing -> "a").value());
    assertEquals("a", abandoned());
    assertEquals(
        "b",
        cache
            .getOrLoadAsync("b", missing -> CompletableFuture.completedFuture("b"), USUAL)
            .get()
            .value());
    assertEquals("b", abandoned());
    List<String> keys = List.of("c", "d");
    Map<String, String> loaded = Map.of("c", "1", "d", "2");
    assertEquals(
        "1",
        cache.<RuntimeException>getOrLoadMany(keys, missing -> loaded, USUAL).get("c").value());
    assertEquals(Set.of("c", "d"), Set.of(abandoned(), abandoned()));
    cache
        .getOrLoadManyAsync(keys, missing -> CompletableFuture.completedFuture(loaded), USUAL)
        .get();
    assertEquals(Set.of("c", "d"), Set.of(abandoned(), abandoned()));
  }

  @Test
  void whoIsInterruptedAsItIsStoredHasTheValue() throws Exception {
    service.getsFill();
    Interrupted<String> one = new Interrupted<>(() -> cache.getOrLoad("a", key -> "1").value());
    StreamObserver<SetResponse> set = service.sets.poll(30, TimeUnit.SECONDS);
    assertEquals("1", one.interrupt());
    set.onError(tooLarge());
    assertEquals("a", abandoned());
    Interrupted<String> many =
        new Interrupted<>(
            () ->
                cache
                    .<RuntimeException>getOrLoadMany(
                        List.of("b"), missing -> Map.of("b", "2"), USUAL)
                    .get("b")
                    .value());
    StreamObserver<SetManyResponse> setMany = service.setManys.poll(30, TimeUnit.SECONDS);
    assertEquals("2", many.interrupt());
    setMany.onError(tooLarge());
    assertEquals("b", abandoned());
  }

  @Test
  void whatIsGrantedToAnInterruptedThreadIsGivenBack() throws Exception {
    Interrupted<OutriggerException.Code> one =
        new Interrupted<>(codeOf(() -> cache.getOrLoad("a", key -> "1")));
    StreamObserver<GetResponse> get = service.gets.poll(30, TimeUnit.SECONDS);
    assertEquals(OutriggerException.Code.CANCELLED, one.interrupt());
    answer(get, FILL);
    assertEquals("a", abandoned());
    Interrupted<OutriggerException.Code> many =
        new Interrupted<>(
            codeOf(
                () ->
                    cache.<RuntimeException>getOrLoadMany(
                        List.of("b"), missing -> Map.of("b", "2"), USUAL)));
    StreamObserver<GetManyResponse> getMany = service.getManys.poll(30, TimeUnit.SECONDS);
    assertEquals(OutriggerException.Code.CANCELLED, many.interrupt());
    answer(getMany, GetManyResponse.newBuilder().addResponses(FILL).build());
    assertEquals("b", abandoned());
  }

  @Test
  void andWhatIsGrantedToAFutureThatWasCancelled() throws Exception {
    CompletableFuture<Cached<String>> loading =
        cache.getOrLoadAsync("a", missing -> CompletableFuture.completedFuture("1"), USUAL);
    StreamObserver<GetResponse> get = service.gets.poll(30, TimeUnit.SECONDS);
    assertTrue(loading.cancel(true));
    answer(get, FILL);
    assertEquals("a", abandoned());
  }

  @Test
  void anInterruptedThreadThatClosesGivesAllBack() throws Exception {
    service.getsFill();
    CompletableFuture<String> never = new CompletableFuture<>();
    CompletableFuture<String> begun = new CompletableFuture<>();
    cache.getOrLoadAsync(
        "a",
        missing -> {
          begun.complete(missing);
          return never;
        },
        USUAL);
    begun.get();
    Thread.currentThread().interrupt();
    client.close();
    assertTrue(Thread.interrupted());
    assertEquals("a", abandoned());
  }

  private static Callable<OutriggerException.Code> codeOf(Runnable call) {
    return () -> {
      try {
        call.run();
        return null;
      } catch (OutriggerException failed) {
        return failed.code();
      }
    };
  }

  private static RuntimeException tooLarge() {
    return io.grpc.Status.RESOURCE_EXHAUSTED.asRuntimeException();
  }

  private static <A> void answer(StreamObserver<A> call, A answer) {
    call.onNext(answer);
    call.onCompleted();
  }

  /** Answers when the test does, unless it was told to before. */
  private static final class Service extends CacheGrpc.CacheImplBase {
    final BlockingQueue<StreamObserver<GetResponse>> gets = new LinkedBlockingQueue<>();
    final BlockingQueue<StreamObserver<GetManyResponse>> getManys = new LinkedBlockingQueue<>();
    final BlockingQueue<StreamObserver<SetResponse>> sets = new LinkedBlockingQueue<>();
    final BlockingQueue<StreamObserver<SetManyResponse>> setManys = new LinkedBlockingQueue<>();
    final BlockingQueue<String> abandoned = new LinkedBlockingQueue<>();
    private volatile boolean getsFill;
    private volatile boolean setsFail;

    void getsFill() {
      getsFill = true;
    }

    void setsFail() {
      setsFail = true;
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> answers) {
      if (getsFill) {
        answer(answers, FILL);
      } else {
        gets.add(answers);
      }
    }

    @Override
    public void getMany(GetManyRequest request, StreamObserver<GetManyResponse> answers) {
      if (getsFill) {
        GetManyResponse.Builder all = GetManyResponse.newBuilder();
        request.getRequestsList().forEach(one -> all.addResponses(FILL));
        answer(answers, all.build());
      } else {
        getManys.add(answers);
      }
    }

    @Override
    public void set(SetRequest request, StreamObserver<SetResponse> answers) {
      if (setsFail) {
        answers.onError(tooLarge());
      } else {
        sets.add(answers);
      }
    }

    @Override
    public void setMany(SetManyRequest request, StreamObserver<SetManyResponse> answers) {
      if (setsFail) {
        answers.onError(tooLarge());
      } else {
        setManys.add(answers);
      }
    }

    @Override
    public void abandon(AbandonRequest request, StreamObserver<AbandonResponse> answers) {
      abandoned.add(request.getKey());
      answer(answers, AbandonResponse.getDefaultInstance());
    }
  }
}
