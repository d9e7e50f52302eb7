package io.outrigger.client.cache;

import com.google.protobuf.ByteString;
import io.outrigger.cache.v1.SetRequest;
import io.outrigger.client.OutriggerException;
import io.outrigger.client.connection.Handover;
import io.outrigger.client.connection.SidecarFailure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Gets one key's value or has it loaded, in the caller's thread or without blocking. */
final class SingleLoad<T> {
  private final CacheCalls<T> calls;
  private final CacheOptions options;

  SingleLoad(CacheCalls<T> calls, CacheOptions options) {
    this.calls = calls;
    this.options = options;
  }

  <E extends Exception> Cached<T> run(String key, Loader<? extends T, E> loader) throws E {
    Lookup<T> found = look(key, Duration.ZERO);
    if (found.next() == Lookup.Next.WAIT && !options.maxWait().isZero()) {
      found = look(key, options.maxWait());
    }
    found = found.withoutWaiting();
    switch (found.next()) {
      case ANSWER:
        if (found.token() != null) {
          refresh(key, found.token(), loader);
        }
        return found.answer();
      case FILL:
        return Cached.loaded(fill(key, found.token(), loader), found.source());
      default:
        return Cached.loaded(loader.load(key), found.source());
    }
  }

  CompletableFuture<Cached<T>> runAsync(
      String key, Function<String, ? extends CompletionStage<? extends T>> loader) {
    CompletableFuture<Cached<T>> result = new CompletableFuture<>();
    Handover.then(
        lookAsync(key, Duration.ZERO),
        result,
        found -> {
          if (found.next() != Lookup.Next.WAIT || options.maxWait().isZero()) {
            return finishAsync(key, found.withoutWaiting(), loader);
          }
          Handover.then(
              lookAsync(key, options.maxWait()),
              result,
              waited -> finishAsync(key, waited.withoutWaiting(), loader),
              waited -> giveBack(key, waited));
          return result; // completed by that
        },
        found -> giveBack(key, found));
    return result;
  }

  private void giveBack(String key, Lookup<T> unclaimed) {
    if (unclaimed.token() != null) {
      calls.abandon(key, unclaimed.token());
    }
  }

  private CompletableFuture<Cached<T>> finishAsync(
      String key,
      Lookup<T> found,
      Function<String, ? extends CompletionStage<? extends T>> loader) {
    switch (found.next()) {
      case ANSWER:
        if (found.token() != null) {
          refreshAsync(key, found.token(), loader);
        }
        return CompletableFuture.completedFuture(found.answer());
      case FILL:
        return fillAsync(key, found.token(), loader)
            .thenApply(value -> Cached.loaded(value, found.source()));
      default:
        return start(key, loader).thenApply(value -> Cached.loaded(value, found.source()));
    }
  }

  private Lookup<T> look(String key, Duration maxWait) {
    try {
      return calls.lookup(
          key,
          calls.sidecar.await(
              calls.get(key, maxWait), unclaimed -> calls.abandon(key, unclaimed)));
    } catch (SidecarFailure failure) {
      return withoutSidecar(failure);
    }
  }

  private CompletableFuture<Lookup<T>> lookAsync(String key, Duration maxWait) {
    return calls.sidecar.async(
        calls.get(key, maxWait),
        response -> calls.lookup(key, response),
        this::withoutSidecar,
        unclaimed -> giveBack(key, unclaimed));
  }

  private Lookup<T> withoutSidecar(SidecarFailure failure) {
    Lookup<T> found = calls.lookup(failure);
    calls.counts.fellBack();
    return found;
  }

  private <E extends Exception> T fill(String key, ByteString token, Loader<? extends T, E> loader)
      throws E {
    T value;
    try {
      value = loader.load(key);
    } catch (Throwable failure) {
      calls.abandon(key, token);
      throw failure;
    }
    SetRequest request = calls.fillRequest(key, token, value, options);
    if (request != null) {
      try {
        calls.sidecar.await(calls.fill(request));
      } catch (OutriggerException interrupted) {
        return value; // the thread stays interrupted, and the value is there
      }
    }
    return value;
  }

  private CompletableFuture<T> fillAsync(
      String key,
      ByteString token,
      Function<String, ? extends CompletionStage<? extends T>> loader) {
    CompletableFuture<T> load = start(key, loader);
    return load.handle(
            (value, failure) -> {
              if (failure != null) {
                calls.abandon(key, token);
                return load;
              }
              SetRequest request = calls.fillRequest(key, token, value, options);
              return request == null
                  ? load
                  : calls.fill(request).thenApplyAsync(done -> value, calls.sidecar.callbacks());
            })
        .thenCompose(stored -> stored);
  }

  private CompletableFuture<T> start(
      String key, Function<String, ? extends CompletionStage<? extends T>> loader) {
    try {
      return loader.apply(key).<T>thenApply(value -> value).toCompletableFuture();
    } catch (Throwable failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private void refresh(String key, ByteString token, Loader<? extends T, ?> loader) {
    boolean begun =
        calls.background.tryRun(
            done -> {
              try {
                T value = loader.load(key);
                SetRequest request = calls.fillRequest(key, token, value, options);
                if (request != null) {
                  calls.fill(request);
                }
              } catch (Throwable failure) {
                calls.abandon(key, token);
                ignoreUnlessError(failure);
              } finally {
                done.run();
              }
            });
    if (!begun) {
      calls.abandon(key, token);
    }
  }

  private void refreshAsync(
      String key,
      ByteString token,
      Function<String, ? extends CompletionStage<? extends T>> loader) {
    boolean begun =
        calls.background.tryRun(
            done -> fillAsync(key, token, loader).whenComplete((value, failure) -> done.run()));
    if (!begun) {
      calls.abandon(key, token);
    }
  }

  // The value that there is was answered already; nobody waits for this failure.
  static void ignoreUnlessError(Throwable failure) {
    if (failure instanceof InterruptedException) {
      Thread.currentThread().interrupt(); // for whose thread it is
    }
    if (failure instanceof Error error) {
      throw error;
    }
  }
}
