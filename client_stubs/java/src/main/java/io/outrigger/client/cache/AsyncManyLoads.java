package io.outrigger.client.cache;

import io.outrigger.cache.v1.SetRequest;
import io.outrigger.client.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** Gets many keys' values or has them loaded, without blocking. */
final class AsyncManyLoads<T> {
  private final CacheCalls<T> calls;
  private final CacheOptions options;
  private final ManyRefresh<T> refresh;

  AsyncManyLoads(CacheCalls<T> calls, CacheOptions options) {
    this.calls = calls;
    this.options = options;
    this.refresh = new ManyRefresh<>(calls, options);
  }

  CompletableFuture<Map<String, Cached<T>>> run(
      Collection<String> keys,
      Function<List<String>, ? extends CompletionStage<? extends Map<String, ? extends T>>>
          loader) {
    ManyLoad<T> many = new ManyLoad<>(calls, options, keys);
    CompletableFuture<Void> before = CompletableFuture.completedFuture(null);
    for (List<String> chunk : many.chunks()) {
      CompletableFuture<Void> asked =
          calls.sidecar.async(
              calls.getMany(chunk),
              response -> {
                many.take(chunk, response);
                return null;
              },
              failure -> {
                many.take(chunk, calls.lookup(failure));
                return null;
              });
      before = CompletableFuture.allOf(before, asked);
    }
    return before
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                many.abandon();
              }
            })
        .thenRun(() -> refresh(many, loader))
        .thenCompose(done -> load(many, loader))
        .thenCompose(done -> waitForOthers(many, loader))
        .thenCompose(done -> load(many, loader))
        .thenApply(done -> many.answers());
  }

  private CompletableFuture<Void> load(
      ManyLoad<T> many,
      Function<List<String>, ? extends CompletionStage<? extends Map<String, ? extends T>>>
          loader) {
    Map<String, Lookup<T>> missing = many.takeToLoad();
    if (missing.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<List<List<SetRequest>>> load =
        start(List.copyOf(missing.keySet()), loader)
            .thenApply(values -> many.loaded(missing, values));
    load.whenComplete(
        (loaded, failure) -> {
          if (failure != null) {
            many.abandon(missing);
          }
        });
    return load.thenCompose(
        loaded ->
            CompletableFuture.allOf(
                    loaded.stream().map(calls::fillMany).toArray(CompletableFuture<?>[]::new))
                .thenApplyAsync(done -> done, calls.sidecar.callbacks()));
  }

  private CompletableFuture<Map<String, ? extends T>> start(
      List<String> keys,
      Function<List<String>, ? extends CompletionStage<? extends Map<String, ? extends T>>>
          loader) {
    try {
      return loader
          .apply(keys)
          .<Map<String, ? extends T>>thenApply(values -> values)
          .toCompletableFuture();
    } catch (Throwable failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private CompletableFuture<Void> waitForOthers(
      ManyLoad<T> many,
      Function<List<String>, ? extends CompletionStage<? extends Map<String, ? extends T>>>
          loader) {
    List<String> keys = many.takeToWaitFor();
    Duration maxWait = options.maxWait();
    if (maxWait.isZero()) {
      keys.forEach(key -> many.take(key, Lookup.loadAlone(Source.SIDECAR)));
      return CompletableFuture.completedFuture(null);
    }
    AtomicReference<CompletableFuture<Void>> round = new AtomicReference<>();
    List<CompletableFuture<Void>> asked = new ArrayList<>();
    for (String key : keys) {
      CompletableFuture<Lookup<T>> get =
          calls.sidecar.async(
              calls.get(key, maxWait),
              response -> calls.lookup(key, response).withoutWaiting(),
              calls::lookup);
      asked.add(
          get.thenCompose(
              found -> {
                many.take(key, found);
                return found.token() == null
                    ? CompletableFuture.completedFuture(null)
                    : joinRound(round, many, loader);
              }));
    }
    return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                many.abandon();
              }
            });
  }

  // Loads what is there when its turn comes; until then others that are answered join it.
  private CompletableFuture<Void> joinRound(
      AtomicReference<CompletableFuture<Void>> round,
      ManyLoad<T> many,
      Function<List<String>, ? extends CompletionStage<? extends Map<String, ? extends T>>>
          loader) {
    CompletableFuture<Void> turn = new CompletableFuture<>();
    CompletableFuture<Void> own =
        turn.thenCompose(
            begun -> {
              round.set(null); // before anything is taken: who comes later makes another
              refresh(many, loader);
              return load(many, loader);
            });
    CompletableFuture<Void> joined = round.compareAndExchange(null, own);
    if (joined != null) {
      return joined;
    }
    turn.completeAsync(() -> null, calls.sidecar.callbacks());
    return own;
  }

  private void refresh(
      ManyLoad<T> many,
      Function<List<String>, ? extends CompletionStage<? extends Map<String, ? extends T>>>
          loader) {
    refresh.begin(
        many,
        (keys, stored) ->
            start(keys, loader).whenComplete((values, failure) -> stored.accept(values)));
  }
}
