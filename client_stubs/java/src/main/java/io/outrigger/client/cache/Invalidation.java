package io.outrigger.client.cache;

import io.outrigger.cache.v1.InvalidateRequest;
import java.util.Collection;

/**
 * Which values are to become unusable, or stale. Immutable; each method gives a new one, and they
 * add up.
 *
 * <pre>{@code
 * cache.invalidate(Invalidation.none().tags(List.of("acme")).keys(List.of("42")).soft());
 * }</pre>
 */
public final class Invalidation {
  private final InvalidateRequest proto;

  private Invalidation(InvalidateRequest proto) {
    this.proto = proto;
  }

  /**
   * Nothing yet.
   *
   * @return to be added to
   */
  public static Invalidation none() {
    return new Invalidation(InvalidateRequest.getDefaultInstance());
  }

  /**
   * Values of these keys.
   *
   * @param keys at most 1,000
   * @return a new one
   */
  public Invalidation keys(Collection<String> keys) {
    return new Invalidation(proto.toBuilder().addAllKeys(keys).build());
  }

  /**
   * Values that were stored with one of these tags. Costs the same however many there are.
   *
   * @param tags at most 1,000
   * @return a new one
   */
  public Invalidation tags(Collection<String> tags) {
    return new Invalidation(proto.toBuilder().addAllTags(tags).build());
  }

  /**
   * Values whose keys match.
   *
   * @param glob {@code *} stands for any bytes, {@code ?} for one; at most 1,024 bytes
   * @return a new one
   */
  public Invalidation glob(String glob) {
    return new Invalidation(proto.toBuilder().setGlob(glob).build());
  }

  /**
   * They become stale instead of unusable.
   *
   * @return a new one
   */
  public Invalidation soft() {
    return new Invalidation(proto.toBuilder().setSoft(true).build());
  }

  InvalidateRequest request(String namespace) {
    return proto.toBuilder().setNamespace(namespace).build();
  }
}
