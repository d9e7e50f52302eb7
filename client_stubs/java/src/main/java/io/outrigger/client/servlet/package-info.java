/** Rate limits for servlets (Jakarta Servlet 6). Needs {@code jakarta.servlet-api}. */
package io.outrigger.client.servlet;
