package io.outrigger.client.cache;

import com.google.protobuf.ByteString;
import io.outrigger.cache.v1.GetManyResponse;
import io.outrigger.cache.v1.GetResponse;
import io.outrigger.cache.v1.SetRequest;
import io.outrigger.client.OutriggerException;
import io.outrigger.client.Source;
import io.outrigger.client.connection.SidecarFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/** Gets many keys' values or has them loaded, in the caller's thread or without blocking. */
final class ManyLoads<T> {
  private final CacheCalls<T> calls;
  private final CacheOptions options;

  ManyLoads(CacheCalls<T> calls, CacheOptions options) {
    this.calls = calls;
    this.options = options;
  }

  <E extends Exception> Map<String, Cached<T>> run(
      Collection<String> keys, ManyLoader<T, E> loader) throws E {
    ManyLoad<T> many = new ManyLoad<>(calls, options, keys);
    List<List<String>> chunks = many.chunks();
    List<CompletableFuture<GetManyResponse>> asked = chunks.stream().map(calls::getMany).toList();
    for (int i = 0; i < chunks.size(); i++) {
      List<String> chunk = chunks.get(i);
      try {
        take(many, chunk, asked.get(i));
      } catch (OutriggerException callers) {
        many.abandon();
        for (int left = i; left < chunks.size(); left++) {
          abandonLater(chunks.get(left), asked.get(left));
        }
        throw callers;
      }
    }
    refresh(many, loader);
    load(many, loader);
    waitForOthers(many);
    load(many, loader);
    return many.answers();
  }

  CompletableFuture<Map<String, Cached<T>>> runAsync(
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
                synchronized (many) {
                  many.take(chunk, response);
                }
                return null;
              },
              failure -> {
                synchronized (many) {
                  loadAlone(many, chunk, failure);
                }
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
        .thenRun(() -> refreshAsync(many, loader))
        .thenCompose(done -> loadAsync(many, loader))
        .thenCompose(done -> waitForOthersAsync(many))
        .thenCompose(done -> loadAsync(many, loader))
        .thenApply(done -> many.answers());
  }

  private void take(
      ManyLoad<T> many, List<String> chunk, CompletableFuture<GetManyResponse> asked) {
    try {
      many.take(chunk, calls.sidecar.await(asked));
    } catch (SidecarFailure failure) {
      loadAlone(many, chunk, failure);
    }
  }

  private void loadAlone(ManyLoad<T> many, List<String> chunk, SidecarFailure failure) {
    Lookup<T> alone = calls.lookup(failure);
    chunk.forEach(key -> many.take(key, alone));
  }

  // Their caller has been told of a mistake already.
  private void abandonLater(List<String> chunk, CompletableFuture<GetManyResponse> asked) {
    asked.thenAccept(
        response -> {
          for (int i = 0; i < response.getResponsesCount(); i++) {
            calls.abandon(chunk.get(i), response.getResponses(i));
          }
        });
  }

  private <E extends Exception> void load(ManyLoad<T> many, ManyLoader<T, E> loader) throws E {
    List<String> missing = many.toLoad();
    if (missing.isEmpty()) {
      return;
    }
    Map<String, ? extends T> values;
    try {
      values = loader.load(missing);
    } catch (Throwable failure) {
      many.abandon();
      throw failure;
    }
    List<CompletableFuture<Void>> stored =
        many.loaded(values).stream().map(calls::fillMany).toList();
    try {
      for (CompletableFuture<Void> one : stored) {
        calls.sidecar.await(one);
      }
    } catch (OutriggerException interrupted) {
      return; // the thread stays interrupted, and the values are there
    }
  }

  private CompletableFuture<Void> loadAsync(
      ManyLoad<T> many,
      Function<List<String>, ? extends CompletionStage<? extends Map<String, ? extends T>>>
          loader) {
    List<String> missing = many.toLoad();
    if (missing.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Map<String, ? extends T>> load = start(missing, loader);
    load.whenComplete(
        (values, failure) -> {
          if (failure != null) {
            many.abandon();
          }
        });
    return load.thenCompose(
        values ->
            CompletableFuture.allOf(
                    many.loaded(values).stream()
                        .map(calls::fillMany)
                        .toArray(CompletableFuture<?>[]::new))
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

  // All at once: together they wait no longer than one.
  private void waitForOthers(ManyLoad<T> many) {
    List<String> keys = many.takeToWaitFor();
    Duration maxWait = options.maxWait();
    if (maxWait.isZero()) {
      keys.forEach(key -> many.take(key, Lookup.loadAlone(Source.SIDECAR)));
      return;
    }
    List<CompletableFuture<GetResponse>> asked = new ArrayList<>();
    keys.forEach(key -> asked.add(calls.get(key, maxWait)));
    for (int i = 0; i < asked.size(); i++) {
      String key = keys.get(i);
      try {
        GetResponse response =
            calls.sidecar.await(asked.get(i), unclaimed -> calls.abandon(key, unclaimed));
        many.take(key, calls.lookup(key, response).withoutWaiting());
      } catch (SidecarFailure failure) {
        many.take(key, calls.lookup(failure));
      }
    }
  }

  private CompletableFuture<Void> waitForOthersAsync(ManyLoad<T> many) {
    List<String> keys = many.takeToWaitFor();
    Duration maxWait = options.maxWait();
    if (maxWait.isZero()) {
      keys.forEach(key -> many.take(key, Lookup.loadAlone(Source.SIDECAR)));
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<?>[] asked =
        keys.stream()
            .map(
                key ->
                    calls
                        .sidecar
                        .async(
                            calls.get(key, maxWait),
                            response -> calls.lookup(key, response).withoutWaiting(),
                            calls::lookup,
                            unclaimed -> calls.abandon(key, unclaimed))
                        .thenAccept(
                            found -> {
                              synchronized (many) {
                                many.take(key, found);
                              }
                            }))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(asked);
  }

  private void refresh(ManyLoad<T> many, ManyLoader<T, ?> loader) {
    refreshIn(
        many,
        (keys, stored) -> {
          try {
            stored.accept(loader.load(keys));
          } catch (Throwable failure) {
            stored.accept(null);
            SingleLoad.ignoreUnlessError(failure);
          }
        });
  }

  private void refreshAsync(
      ManyLoad<T> many,
      Function<List<String>, ? extends CompletionStage<? extends Map<String, ? extends T>>>
          loader) {
    refreshIn(
        many,
        (keys, stored) ->
            start(keys, loader).whenComplete((values, failure) -> stored.accept(values)));
  }

  private interface Reload<T> {
    /** Loads `keys` and gives the values on, or null if that failed. */
    void load(List<String> keys, Consumer<Map<String, ? extends T>> stored);
  }

  private void refreshIn(ManyLoad<T> many, Reload<T> reload) {
    Map<String, ByteString> tokens = many.takeToRefresh();
    if (tokens.isEmpty()) {
      return;
    }
    boolean begun =
        calls.background.tryRun(
            done ->
                reload.load(
                    List.copyOf(tokens.keySet()),
                    values -> {
                      store(tokens, values);
                      done.run();
                    }));
    if (!begun) {
      tokens.forEach(calls::abandon);
    }
  }

  private void store(Map<String, ByteString> tokens, Map<String, ? extends T> values) {
    if (values == null) {
      tokens.forEach(calls::abandon);
      return;
    }
    List<SetRequest> requests = new ArrayList<>();
    tokens.forEach(
        (key, token) -> {
          SetRequest request = calls.fillRequest(key, token, values.get(key), options);
          if (request != null) {
            requests.add(request);
          }
        });
    ManyLoad.messages(requests).forEach(calls::fillMany);
  }
}
