package io.outrigger.client.cache;

import com.google.protobuf.ByteString;
import io.outrigger.cache.v1.GetManyResponse;
import io.outrigger.cache.v1.SetRequest;
import io.outrigger.client.Source;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * What is known of many keys on their way from Get to an answer; calls nobody by itself.
 * Thread-safe.
 */
final class ManyLoad<T> {
  private static final int MOST_KEYS = 1000;
  private static final int MOST_BYTES = 1 << 20; // of a message of more than one

  private final CacheCalls<T> calls;
  private final CacheOptions options;
  private final LinkedHashSet<String> keys;
  private final Map<String, Cached<T>> answers = new HashMap<>();
  private final Map<String, Lookup<T>> toLoad = new LinkedHashMap<>();
  private final List<String> toWaitFor = new ArrayList<>();
  private final Map<String, ByteString> toRefresh = new LinkedHashMap<>();
  private boolean fellBack; // and was counted

  ManyLoad(CacheCalls<T> calls, CacheOptions options, Collection<String> keys) {
    this.calls = calls;
    this.options = options;
    this.keys = new LinkedHashSet<>(keys);
  }

  /** The keys, as many as fit into one GetMany each. */
  List<List<String>> chunks() {
    List<String> all = new ArrayList<>(keys);
    List<List<String>> chunks = new ArrayList<>();
    for (int from = 0; from < all.size(); from += MOST_KEYS) {
      chunks.add(all.subList(from, Math.min(from + MOST_KEYS, all.size())));
    }
    return chunks;
  }

  synchronized void take(List<String> chunk, GetManyResponse response) {
    for (int i = 0; i < chunk.size(); i++) {
      String key = chunk.get(i);
      if (i < response.getResponsesCount()) {
        take(key, calls.lookup(key, response.getResponses(i)));
      } else {
        take(key, Lookup.loadAlone(Source.FALLBACK));
      }
    }
  }

  synchronized void take(List<String> chunk, Lookup<T> found) {
    chunk.forEach(key -> take(key, found));
  }

  synchronized void take(String key, Lookup<T> found) {
    if (found.source() == Source.FALLBACK && !fellBack) {
      fellBack = true;
      calls.counts.fellBack();
    }
    switch (found.next()) {
      case ANSWER -> {
        answers.put(key, found.answer());
        if (found.token() != null) {
          toRefresh.put(key, found.token());
        }
      }
      case WAIT -> toWaitFor.add(key);
      default -> toLoad.put(key, found);
    }
  }

  /** Keys that others load; asked for once. */
  synchronized List<String> takeToWaitFor() {
    List<String> waiting = List.copyOf(toWaitFor);
    toWaitFor.clear();
    return waiting;
  }

  /** Keys whose values are there, with the right to load them anew; asked for once. */
  synchronized Map<String, ByteString> takeToRefresh() {
    Map<String, ByteString> refresh = new LinkedHashMap<>(toRefresh);
    toRefresh.clear();
    return refresh;
  }

  /** Keys to load; asked for once. */
  synchronized Map<String, Lookup<T>> takeToLoad() {
    Map<String, Lookup<T>> load = new LinkedHashMap<>(toLoad);
    toLoad.clear();
    return load;
  }

  /** Whether others may wait for what is to be loaded. */
  synchronized boolean hasRightsToLoad() {
    return toLoad.values().stream().anyMatch(found -> found.token() != null);
  }

  /** What the loader made of `taken`; what to store, as many as fit into one SetMany each. */
  synchronized List<List<SetRequest>> loaded(
      Map<String, Lookup<T>> taken, Map<String, ? extends T> values) {
    List<SetRequest> requests = new ArrayList<>();
    taken.forEach(
        (key, found) -> {
          T value = values.get(key);
          answers.put(key, Cached.loaded(value, found.source()));
          if (found.token() != null) {
            SetRequest request = calls.fillRequest(key, found.token(), value, options);
            if (request != null) {
              requests.add(request);
            }
          }
        });
    return messages(requests);
  }

  /** The loader will not be called: all rights to load are given back. */
  void abandon() {
    takeToRefresh().forEach(calls::abandon);
    abandon(takeToLoad());
  }

  /** The loader has failed: its rights to load are given back. */
  void abandon(Map<String, Lookup<T>> taken) {
    taken.forEach(
        (key, found) -> {
          if (found.token() != null) {
            calls.abandon(key, found.token());
          }
        });
  }

  /** All answers, in the order of the keys. */
  synchronized Map<String, Cached<T>> answers() {
    Map<String, Cached<T>> ordered = new LinkedHashMap<>();
    for (String key : keys) {
      ordered.put(key, answers.get(key));
    }
    return ordered;
  }

  static List<List<SetRequest>> messages(List<SetRequest> requests) {
    List<List<SetRequest>> messages = new ArrayList<>();
    List<SetRequest> message = new ArrayList<>();
    long bytes = 0;
    for (SetRequest request : requests) {
      long size = request.getSerializedSize();
      if (!message.isEmpty() && (message.size() == MOST_KEYS || bytes + size > MOST_BYTES)) {
        messages.add(message);
        message = new ArrayList<>();
        bytes = 0;
      }
      message.add(request);
      bytes += size;
    }
    if (!message.isEmpty()) {
      messages.add(message);
    }
    return messages;
  }
}
