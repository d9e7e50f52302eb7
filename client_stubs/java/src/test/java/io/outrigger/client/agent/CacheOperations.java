package io.outrigger.client.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outrigger.client.Outrigger;
import io.outrigger.client.cache.Cache;
import io.outrigger.client.cache.CacheOptions;
import io.outrigger.client.cache.Cached;
import io.outrigger.client.cache.Codec;
import io.outrigger.client.cache.Invalidation;
import io.outrigger.client.cache.Loader;
import io.outrigger.client.cache.Stored;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The operations on the cache. */
final class CacheOperations {
  private final Supplier<Outrigger> client;
  private final Holds holds;
  private final Map<String, AtomicLong> loads = new ConcurrentHashMap<>();

  CacheOperations(Supplier<Outrigger> client, Holds holds) {
    this.client = client;
    this.holds = holds;
  }

  void addTo(Map<String, Operations.Blocking> operations) {
    operations.put("get_or_load", this::getOrLoad);
    operations.put("get_or_load_many", this::getOrLoadMany);
    operations.put(
        "loads",
        args ->
            Operations.answer()
                .put("count", count(args.text("namespace"), args.text("key")).get()));
    operations.put("cache_get", this::get);
    operations.put("cache_set", this::set);
    operations.put("cache_delete", this::delete);
    operations.put("cache_invalidate", this::invalidate);
  }

  private Cache<String> cache(Args args) {
    return client.get().cache(args.text("namespace"), Codec.text());
  }

  private AtomicLong count(String namespace, String key) {
    return loads.computeIfAbsent(namespace + " " + key, unknown -> new AtomicLong());
  }

  private static CacheOptions options(Args args) {
    CacheOptions options = CacheOptions.usual().withTags(args.list("tags"));
    if (args.has("ttl_ms")) {
      options = options.withTtl(args.time("ttl_ms"));
    }
    if (args.has("stale_for_ms")) {
      options = options.withStaleFor(args.time("stale_for_ms"));
    }
    return args.has("max_wait_ms") ? options.withMaxWait(args.time("max_wait_ms")) : options;
  }

  private ObjectNode getOrLoad(Args args) throws LoaderFailure {
    Args told = args.at("loader");
    AtomicLong count = count(args.text("namespace"), args.text("key"));
    Loader<String, LoaderFailure> loader =
        key -> {
          count.incrementAndGet();
          holds.waitFor(told.text("hold"));
          if (told.has("error")) {
            throw new LoaderFailure(told.text("error"));
          }
          return told.flag("absent") ? null : told.text("value");
        };
    Cached<String> cached = cache(args).getOrLoad(args.text("key"), loader, options(args));
    return Operations.answer()
        .put("value", cached.value())
        .put("loaded", cached.loaded())
        .put("source", cached.source().name().toLowerCase(Locale.ROOT));
  }

  private ObjectNode getOrLoadMany(Args args) {
    Map<String, String> values = args.at("loader").map("values");
    ConcurrentSkipListSet<String> loaded = new ConcurrentSkipListSet<>();
    Map<String, Cached<String>> answers =
        cache(args)
            .<RuntimeException>getOrLoadMany(
                args.list("keys"),
                keys -> {
                  loaded.addAll(keys);
                  return values;
                },
                options(args));
    ObjectNode answer = Operations.answer();
    ObjectNode found = answer.putObject("values");
    answers.forEach((key, cached) -> found.put(key, cached.value()));
    ArrayNode names = answer.putArray("loaded");
    new TreeSet<>(loaded).forEach(names::add);
    return answer;
  }

  private ObjectNode get(Args args) {
    Cached<String> cached = cache(args).get(args.text("key"));
    return Operations.answer().put("found", cached.isPresent()).put("value", cached.value());
  }

  private ObjectNode set(Args args) {
    Stored stored = cache(args).set(args.text("key"), args.text("value"), options(args));
    return Operations.answer()
        .put("stored", stored.stored())
        .put("source", stored.source().name().toLowerCase(Locale.ROOT));
  }

  private ObjectNode delete(Args args) {
    return Operations.answer().put("deleted", cache(args).delete(args.text("key")).any());
  }

  private ObjectNode invalidate(Args args) {
    Invalidation which =
        Invalidation.none()
            .keys(args.list("keys"))
            .tags(args.list("tags"))
            .glob(args.text("glob"));
    cache(args).invalidate(args.flag("soft") ? which.soft() : which);
    return Operations.answer();
  }
}
