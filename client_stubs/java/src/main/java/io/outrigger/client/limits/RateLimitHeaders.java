package io.outrigger.client.limits;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A decision as HTTP headers: {@code Retry-After}, and {@code RateLimit} and {@code
 * RateLimit-Policy} of draft-ietf-httpapi-ratelimit-headers-11. The filter and the interceptor of
 * this library set them; other frameworks' middleware can, too.
 */
public final class RateLimitHeaders {
  private RateLimitHeaders() {}

  /**
   * The headers of a decision that was asked for {@linkplain LimitRequest#withDetail with detail}.
   *
   * @param decision not null
   * @return names and values, in order; empty if there is nothing to say. {@code Retry-After} only
   *     if denied and there is a time, the others only if a limit applied that is neither shadow nor
   *     unlimited
   */
  public static Map<String, String> of(Decision decision) {
    Map<String, String> headers = new LinkedHashMap<>();
    if (!decision.allowed()) {
      decision
          .retryAfter()
          .ifPresent(time -> headers.put("Retry-After", Long.toString(seconds(time))));
    }
    List<LimitStatus> applied =
        decision.statuses().stream()
            .filter(status -> !status.shadow() && !status.unlimited())
            .filter(status -> isPrintable(status.limit()))
            .toList();
    if (!applied.isEmpty()) {
      headers.put("RateLimit", items(applied, RateLimitHeaders::left));
      headers.put("RateLimit-Policy", items(applied, RateLimitHeaders::policy));
    }
    return headers;
  }

  private static String items(List<LimitStatus> statuses, Function<LimitStatus, String> item) {
    return statuses.stream().map(item).collect(Collectors.joining(", "));
  }

  private static String left(LimitStatus status) {
    return quoted(status.limit())
        + ";r="
        + Long.toUnsignedString(status.remaining())
        + ";t="
        + seconds(status.resetAfter());
  }

  private static String policy(LimitStatus status) {
    return quoted(status.limit())
        + ";q="
        + Long.toUnsignedString(status.burst())
        + ";w="
        + seconds(status.window());
  }

  // An RFC 9651 string has printable ASCII only.
  private static boolean isPrintable(String name) {
    return name.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
  }

  private static String quoted(String name) {
    return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static long seconds(Duration time) {
    return time.getSeconds() + (time.getNano() > 0 ? 1 : 0);
  }
}
