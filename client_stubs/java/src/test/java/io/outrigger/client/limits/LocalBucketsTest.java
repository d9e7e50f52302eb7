package io.outrigger.client.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LocalBucketsTest {
  private long now;
  private final LocalBuckets buckets =
      new LocalBuckets(new LimitPolicy.Local(2, 3), () -> now);
  private final Map<String, String> user = Map.of("user", "1");

  @Test
  void afterRetryAfterTheSameCostIsAdmitted() {
    assertTrue(buckets.decide(user, 3).allowed());
    Decision denied = buckets.decide(user, 2);
    assertFalse(denied.allowed());
    now += denied.retryAfter().orElseThrow().toNanos() - 1;
    assertFalse(buckets.decide(user, 2).allowed());
    now += 1;
    assertTrue(buckets.decide(user, 2).allowed());
  }

  @Test
  void aPeekTakesNothing() {
    for (int i = 0; i < 10; i++) {
      assertEquals(3, buckets.decide(user, 0).remaining());
    }
  }

  @Test
  void moreThanTheBurstCanNeverBeHad() {
    assertEquals(Optional.empty(), buckets.decide(user, 4).retryAfter());
  }

  @Test
  void theLeastRecentlyUsedIsForgotten() {
    buckets.decide(user, 3);
    buckets.decide(Map.of("user", "forgotten"), 3);
    buckets.decide(user, 0);
    for (int i = 0; i < LocalBuckets.MOST_BUCKETS - 1; i++) {
      buckets.decide(Map.of("other", Integer.toString(i)), 1);
    }
    assertFalse(buckets.decide(user, 1).allowed());
    assertTrue(buckets.decide(Map.of("user", "forgotten"), 3).allowed());
  }
}
