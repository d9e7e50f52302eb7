package io.outrigger.client.cache;

import com.google.protobuf.ByteString;
import io.outrigger.cache.v1.SetRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Loads values of many keys anew, in the background. */
final class ManyRefresh<T> {
  private final CacheCalls<T> calls;
  private final CacheOptions options;

  ManyRefresh(CacheCalls<T> calls, CacheOptions options) {
    this.calls = calls;
    this.options = options;
  }

  interface Reload<T> {
    /** Loads `keys` and gives the values on, or null if that failed. */
    void load(List<String> keys, Consumer<Map<String, ? extends T>> stored);
  }

  void begin(ManyLoad<T> many, Reload<T> reload) {
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
