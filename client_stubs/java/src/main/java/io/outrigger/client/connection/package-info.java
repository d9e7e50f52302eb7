/** The channel to the sidecar, and how calls go over it. Not for applications. */
package io.outrigger.client.connection;
