package io.outrigger.client.breaker;

import io.outrigger.breaker.v1.State;

/**
 * What the sidecar has told of a breaker.
 *
 * @param valid it still holds; if not, the sidecar is asked for each call
 * @param state what the breaker is in
 * @param admitRatio the share of calls that may be made, 0 to 1
 * @param generation grows with each change of state; unsigned
 */
public record BreakerStatus(boolean valid, State state, double admitRatio, long generation) {}
