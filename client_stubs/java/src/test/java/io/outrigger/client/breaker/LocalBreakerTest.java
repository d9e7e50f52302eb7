package io.outrigger.client.breaker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.outrigger.breaker.v1.State;
import io.outrigger.client.CallResult;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LocalBreakerTest {
  private long now;
  private final LocalBreaker breaker =
      new LocalBreaker(new BreakerPolicy.Local(2, Duration.ofNanos(100)), () -> now);

  private void call(CallResult result) {
    breaker.ended(breaker.enter("b"), result);
  }

  private State denied() {
    return assertThrows(BreakerOpenException.class, () -> breaker.enter("b")).state();
  }

  @Test
  void failuresInARowOpenItForATime() {
    call(CallResult.FAILURE);
    call(CallResult.SUCCESS);
    call(CallResult.FAILURE);
    call(CallResult.IGNORED);
    call(CallResult.FAILURE);
    assertEquals(State.OPEN, denied());
    now += 100;
    call(CallResult.SUCCESS);
    call(CallResult.SUCCESS);
  }

  @Test
  void oneProbeAtATimeAndAFailureOpensItAnew() {
    call(CallResult.FAILURE);
    call(CallResult.FAILURE);
    now += 100;
    long probe = breaker.enter("b");
    assertEquals(State.HALF_OPEN, denied());
    breaker.ended(probe, CallResult.FAILURE);
    assertEquals(State.OPEN, denied());
  }

  @Test
  void aProbeThatNobodyEndsDoesNotKeepItOpen() {
    call(CallResult.FAILURE);
    call(CallResult.FAILURE);
    now += 100;
    long forgotten = breaker.enter("b");
    now += 100;
    long second = breaker.enter("b");
    breaker.ended(forgotten, CallResult.FAILURE);
    breaker.ended(second, CallResult.SUCCESS);
    call(CallResult.SUCCESS);
  }

  @Test
  void whatEndsInAnotherEraIsNotCounted() {
    long slow = breaker.enter("b");
    call(CallResult.FAILURE);
    call(CallResult.FAILURE);
    breaker.ended(slow, CallResult.SUCCESS);
    assertEquals(State.OPEN, denied());
  }
}
