package io.outrigger.client.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.outrigger.client.Source;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RateLimitHeadersTest {
  private static LimitStatus status(String name, boolean shadow, boolean unlimited) {
    return new LimitStatus(
        name,
        true,
        2,
        20,
        Duration.ofMillis(1001),
        Optional.empty(),
        shadow,
        Duration.ofMinutes(1),
        unlimited);
  }

  private static Decision decision(boolean allowed, Duration retryAfter, LimitStatus... statuses) {
    return new Decision(
        allowed,
        "",
        0,
        Duration.ZERO,
        Optional.ofNullable(retryAfter),
        Duration.ZERO,
        false,
        Source.SIDECAR,
        List.of(statuses));
  }

  @Test
  void timesAreRoundedUpAndNamesAreQuoted() {
    Map<String, String> headers =
        RateLimitHeaders.of(
            decision(false, Duration.ofNanos(2_000_000_001), status("a\"b\\", false, false)));
    assertEquals("3", headers.get("Retry-After"));
    assertEquals("\"a\\\"b\\\\\";r=2;t=2", headers.get("RateLimit"));
    assertEquals("\"a\\\"b\\\\\";q=20;w=60", headers.get("RateLimit-Policy"));
  }

  @Test
  void whatDoesNotLimitIsLeftOut() {
    assertEquals(
        Map.of(),
        RateLimitHeaders.of(
            decision(true, null, status("shadow", true, false), status("free", false, true))));
    assertEquals(
        Map.of("Retry-After", "1"),
        RateLimitHeaders.of(decision(false, Duration.ofSeconds(1))));
    assertEquals(Map.of(), RateLimitHeaders.of(decision(false, null)));
  }
}
