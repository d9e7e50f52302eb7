/** Circuit breakers that the whole fleet shares. */
package io.outrigger.client.breaker;
