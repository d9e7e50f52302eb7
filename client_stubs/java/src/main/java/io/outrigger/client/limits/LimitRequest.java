package io.outrigger.client.limits;

import io.outrigger.client.connection.Times;
import io.outrigger.ratelimit.v1.AllowRequest;
import java.time.Duration;
import java.util.Map;

/**
 * A question to the limits: who and what a request is for, and how it is to be decided. Immutable;
 * each {@code with…} gives a new one.
 *
 * <pre>{@code
 * limiter.allow(LimitRequest.of(Map.of("user", "42")).withCost(5).withDetail());
 * }</pre>
 */
public final class LimitRequest {
  private final AllowRequest proto;

  private LimitRequest(AllowRequest proto) {
    this.proto = proto;
  }

  /**
   * A request that takes one token, of all limits that match, and is answered at once.
   *
   * @param attributes who and what it is for, e.g. {@code user=42}. At most 64; names at most 128
   *     bytes, values at most 1,024. Empty: no keyed limit applies
   * @return the question
   */
  public static LimitRequest of(Map<String, String> attributes) {
    return new LimitRequest(AllowRequest.newBuilder().putAllAttributes(attributes).build());
  }

  /**
   * How many tokens it takes.
   *
   * @param cost 0 to 1,000,000,000. 0 takes none, and asks whether a cost of 1 would be admitted. A
   *     cost above a limit's burst can never be admitted
   * @return a new question
   */
  public LimitRequest withCost(long cost) {
    return new LimitRequest(proto.toBuilder().setCost(cost).build());
  }

  /**
   * Decide by this limit only, although others may match.
   *
   * @param limit a configured name; empty: all that match
   * @return a new question
   */
  public LimitRequest withLimit(String limit) {
    return new LimitRequest(proto.toBuilder().setLimit(limit).build());
  }

  /**
   * How long it may wait for tokens, first come first served. What would take longer is denied at
   * once.
   *
   * @param maxWait 0 (not at all) to 1 hour
   * @return a new question
   */
  public LimitRequest withMaxWait(Duration maxWait) {
    return new LimitRequest(proto.toBuilder().setMaxWait(Times.toProto(maxWait)).build());
  }

  /**
   * Also answer {@link Decision#statuses}, e.g. for headers.
   *
   * @return a new question
   */
  public LimitRequest withDetail() {
    return new LimitRequest(proto.toBuilder().setDetail(true).build());
  }

  AllowRequest proto() {
    return proto;
  }
}
