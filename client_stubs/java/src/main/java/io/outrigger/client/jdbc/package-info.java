/** Caps on connections to databases. Needs nothing but JDBC. */
package io.outrigger.client.jdbc;
