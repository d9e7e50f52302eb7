package io.outrigger.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.outrigger.cache.v1.SetRequest;
import io.outrigger.client.Await;
import io.outrigger.client.Outrigger;
import io.outrigger.client.Sidecars;
import io.outrigger.client.Source;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CacheTest {
  /** Something to be cached. */
  public record Profile(String name, int age) {}

  private final Outrigger outrigger = Sidecars.connect();
  private final Cache<String> texts = outrigger.cache("profiles", Codec.text());
  private final Cache<Profile> profiles =
      outrigger.cache("profiles", JacksonCodec.of(Profile.class));
  private final String key = Sidecars.unique();
  private final CacheOptions usual = CacheOptions.usual();

  @AfterEach
  void close() {
    outrigger.close();
  }

  @Test
  void objectsAreCachedAsJson() {
    Profile ada = new Profile("Ada", 36);
    assertEquals(ada, profiles.getOrLoad(key, missing -> ada).value());
    assertEquals(ada, profiles.<RuntimeException>getOrLoad(key, found -> null).value());
    assertEquals("{\"name\":\"Ada\",\"age\":36}", texts.get(key).value());
  }

  @Test
  void whatCannotBeDecodedIsLoaded() {
    texts.set(key, "no json", usual);
    Profile ada = new Profile("Ada", 36);
    Cached<Profile> cached = profiles.getOrLoad(key, missing -> ada);
    assertEquals(ada, cached.value());
    assertTrue(cached.loaded());
    assertFalse(profiles.get(key).isPresent());
  }

  @Test
  void whatCannotBeEncodedIsAnsweredAndAnotherMayLoad() {
    Codec<String> refusing =
        Codec.of(
            text -> {
              throw new IllegalStateException("not this one");
            },
            bytes -> "");
    Cache<String> cache = outrigger.cache("profiles", refusing);
    assertEquals("a", cache.getOrLoad(key, missing -> "a").value());
    assertThrows(IllegalArgumentException.class, () -> cache.set(key, "a", usual));
    assertEquals("b", texts.getOrLoad(key, missing -> "b").value());
  }

  @Test
  void theLoadersFailureComesAsItIs() {
    IOException failure = new IOException("no");
    IOException seen =
        assertThrows(
            IOException.class,
            () ->
                texts.<IOException>getOrLoad(
                    key,
                    missing -> {
                      throw failure;
                    }));
    assertEquals(failure, seen);
    assertEquals("a", texts.getOrLoad(key, missing -> "a").value());
  }

  @Test
  void asynchronousCallsLoadOnce() throws Exception {
    CompletableFuture<String> slow = new CompletableFuture<>();
    AtomicInteger loads = new AtomicInteger();
    List<CompletableFuture<Cached<String>>> asked = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      asked.add(
          texts.getOrLoadAsync(
              key,
              missing -> {
                loads.incrementAndGet();
                return slow;
              },
              usual.withMaxWait(Duration.ofSeconds(20))));
    }
    Await.until(() -> loads.get() == 1);
    slow.complete("a");
    for (CompletableFuture<Cached<String>> one : asked) {
      assertEquals("a", one.get().value());
    }
    assertEquals(1, loads.get());
  }

  @Test
  void anAsynchronousFailureIsTheFutures() {
    ExecutionException failure =
        assertThrows(
            ExecutionException.class,
            () ->
                texts
                    .getOrLoadAsync(
                        key,
                        missing -> CompletableFuture.failedFuture(new IOException("no")),
                        usual)
                    .get());
    assertEquals(IOException.class, failure.getCause().getClass());
    assertEquals("a", texts.getOrLoad(key, missing -> "a").value());
  }

  @Test
  void aWrappedFunctionIsCalledOnceForAnArgument() {
    AtomicInteger calls = new AtomicInteger();
    CheckedFunction<Integer, String, RuntimeException> square =
        texts.wrap(
            number -> key + number,
            number -> {
              calls.incrementAndGet();
              return number < 0 ? null : Integer.toString(number * number);
            },
            usual);
    for (int i = 0; i < 3; i++) {
      assertEquals("9", square.apply(3));
      assertNull(square.apply(-1));
    }
    assertEquals(2, calls.get());
  }

  @Test
  void moreKeysThanFitIntoAMessageAreLoadedByOneCall() {
    List<String> keys = IntStream.range(0, 2500).mapToObj(i -> key + i).toList();
    List<List<String>> calls = new ArrayList<>();
    ManyLoader<String, RuntimeException> loader =
        missing -> {
          calls.add(missing);
          return missing.stream()
              .collect(java.util.stream.Collectors.toMap(one -> one, one -> one + "!"));
        };
    Map<String, Cached<String>> first = texts.getOrLoadMany(keys, loader, usual);
    assertEquals(keys, List.copyOf(first.keySet()));
    assertEquals(List.of(keys), calls);
    Map<String, Cached<String>> again =
        texts
            .getOrLoadManyAsync(
                keys, missing -> CompletableFuture.completedFuture(Map.of()), usual)
            .join();
    assertTrue(again.values().stream().noneMatch(Cached::loaded));
    assertEquals(key + "7!", again.get(key + "7").value());
  }

  @Test
  void oneValueThatIsTooLongDoesNotKeepTheOthersOut() {
    String small = key + "small";
    String big = "x".repeat(9 << 20);
    texts.<RuntimeException>getOrLoadMany(
        List.of(key, small), missing -> Map.of(key, big, small, "s"), usual);
    assertEquals("s", texts.get(small).value());
    assertFalse(texts.get(key).isPresent());
  }

  @Test
  void staleValuesAreLoadedAnewInTheBackground() throws Exception {
    texts.set(key, "old", usual);
    texts.invalidate(Invalidation.none().keys(List.of(key)).soft());
    Cached<String> stale = texts.getOrLoad(key, again -> "new");
    assertEquals("old", stale.value());
    assertTrue(stale.stale());
    Await.until(() -> "new".equals(texts.getAsync(key).join().value()));
  }

  @Test
  void aLoadWhoseCallerWasCancelledIsStored() throws Exception {
    io.grpc.Context.CancellableContext context = io.grpc.Context.current().withCancellation();
    context.call(
        () ->
            texts.getOrLoad(
                key,
                missing -> {
                  context.cancel(null);
                  return "a";
                }));
    assertEquals("a", texts.get(key).value());
    String other = key + "2";
    io.grpc.Context.CancellableContext ofMany = io.grpc.Context.current().withCancellation();
    ofMany.call(
        () ->
            texts.<RuntimeException>getOrLoadMany(
                List.of(other),
                missing -> {
                  ofMany.cancel(null);
                  return Map.of(other, "b");
                },
                usual));
    assertEquals("b", texts.get(other).value());
  }

  @Test
  void anAbsenceThatIsLoadedLivesAsLongAsTheNamespaceSays() throws Exception {
    CacheCalls<String> calls = new CacheCalls<>(null, null, null, null, "profiles", Codec.text());
    CacheOptions options =
        usual.withTtl(Duration.ofHours(1)).withStaleFor(Duration.ofHours(1)).withTags(List.of("t"));
    ByteString token = ByteString.copyFromUtf8("token");
    SetRequest loaded = calls.fillRequest(key, token, null, options);
    assertFalse(loaded.hasTtl() || loaded.hasStaleFor());
    assertEquals(1, loaded.getTagsCount());
    assertTrue(calls.fillRequest(key, token, "a", options).hasTtl());
    assertTrue(calls.request(key, null, options).hasTtl());
  }

  @Test
  void whatIsSetCanBeDeleted() {
    assertTrue(texts.setAsync(key, "a", usual.withTtl(Duration.ofMinutes(1))).join().stored());
    assertTrue(texts.deleteAsync(key).join().any());
    assertFalse(texts.delete(key).any());
    texts.set(key, "a", usual.withTags(List.of(key)));
    assertEquals(-1, texts.invalidateAsync(Invalidation.none().tags(List.of(key))).join().count());
    assertFalse(texts.get(key).isPresent());
  }

  @Test
  void withoutASidecarTheLoaderAnswers() {
    try (Outrigger alone = Outrigger.connect(Sidecars.gone().build())) {
      Cache<String> cache = alone.cache("profiles", Codec.text());
      Cached<String> cached = cache.getOrLoad(key, missing -> "a");
      assertEquals(new Cached<>("a", true, false, false, Source.FALLBACK), cached);
      assertEquals(Source.FALLBACK, cache.set(key, "a", usual).source());
      assertEquals(Source.FALLBACK, cache.delete(key).source());
      assertEquals(3, alone.stats().cache().fallbacks());
    }
  }
}
