/**
 * The client of the Outrigger sidecar. Begin with {@link io.outrigger.client.Outrigger#connect()}.
 *
 * <p>The generated gRPC classes are in {@code io.outrigger.ratelimit.v1}, {@code cache.v1}, {@code
 * breaker.v1} and {@code pool.v1}, for whoever wants only those.
 */
package io.outrigger.client;
