/** A cache for the whole fleet, with one load for each missing key. */
package io.outrigger.client.cache;
