package io.outrigger.client.cache;

import io.outrigger.cache.v1.GetManyResponse;
import io.outrigger.cache.v1.GetResponse;
import io.outrigger.cache.v1.SetRequest;
import io.outrigger.client.OutriggerException;
import io.outrigger.client.Source;
import io.outrigger.client.connection.Handover;
import io.outrigger.client.connection.SidecarFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** Gets many keys' values or has them loaded, in the caller's thread. */
final class ManyLoads<T> {
  private final CacheCalls<T> calls;
  private final CacheOptions options;
  private final ManyRefresh<T> refresh;

  ManyLoads(CacheCalls<T> calls, CacheOptions options) {
    this.calls = calls;
    this.options = options;
    this.refresh = new ManyRefresh<>(calls, options);
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
    waitForOthers(many, loader);
    load(many, loader);
    return many.answers();
  }

  private void take(
      ManyLoad<T> many, List<String> chunk, CompletableFuture<GetManyResponse> asked) {
    try {
      many.take(chunk, calls.sidecar.await(asked));
    } catch (SidecarFailure failure) {
      many.take(chunk, calls.lookup(failure));
    }
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
    Map<String, Lookup<T>> missing = many.takeToLoad();
    if (missing.isEmpty()) {
      return;
    }
    List<List<SetRequest>> loaded;
    try {
      loaded = many.loaded(missing, loader.load(List.copyOf(missing.keySet())));
    } catch (Throwable failure) {
      many.abandon(missing);
      throw failure;
    }
    List<CompletableFuture<Void>> stored = loaded.stream().map(calls::fillMany).toList();
    try {
      for (CompletableFuture<Void> one : stored) {
        calls.sidecar.await(one);
      }
    } catch (OutriggerException interrupted) {
      return; // the thread stays interrupted, and the values are there
    }
  }

  // All at once: together they wait no longer than one. What may be loaded meanwhile is: another
  // caller may wait for it, and may have what this one waits for.
  private <E extends Exception> void waitForOthers(ManyLoad<T> many, ManyLoader<T, E> loader)
      throws E {
    List<String> keys = many.takeToWaitFor();
    Duration maxWait = options.maxWait();
    if (maxWait.isZero()) {
      keys.forEach(key -> many.take(key, Lookup.loadAlone(Source.SIDECAR)));
      return;
    }
    Map<String, CompletableFuture<GetResponse>> asked = new LinkedHashMap<>();
    BlockingQueue<String> answered = new LinkedBlockingQueue<>();
    for (String key : keys) {
      CompletableFuture<GetResponse> get = calls.get(key, maxWait);
      asked.put(key, get);
      get.whenComplete((response, failure) -> answered.add(key));
    }
    try {
      while (!asked.isEmpty()) {
        for (String key : next(answered)) {
          take(many, key, asked.get(key));
          asked.remove(key);
        }
        refresh(many, loader);
        if (many.hasRightsToLoad()) {
          load(many, loader);
        }
      }
    } catch (Throwable ended) {
      many.abandon();
      asked.forEach(
          (key, get) -> Handover.giveUp(get, unclaimed -> calls.abandon(key, unclaimed)));
      throw ended;
    }
  }

  // At least one, and all that are there.
  private static List<String> next(BlockingQueue<String> answered) {
    List<String> next = new ArrayList<>();
    try {
      next.add(answered.take());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new OutriggerException(OutriggerException.Code.CANCELLED, "interrupted");
    }
    answered.drainTo(next);
    return next;
  }

  private void take(ManyLoad<T> many, String key, CompletableFuture<GetResponse> answered) {
    try {
      many.take(key, calls.lookup(key, calls.sidecar.await(answered)).withoutWaiting());
    } catch (SidecarFailure failure) {
      many.take(key, calls.lookup(failure));
    }
  }

  private void refresh(ManyLoad<T> many, ManyLoader<T, ?> loader) {
    refresh.begin(
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
}
