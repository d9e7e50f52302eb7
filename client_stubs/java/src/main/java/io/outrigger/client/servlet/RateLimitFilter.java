package io.outrigger.client.servlet;

import io.outrigger.client.limits.Decision;
import io.outrigger.client.limits.LimitRequest;
import io.outrigger.client.limits.Limiter;
import io.outrigger.client.limits.RateLimitHeaders;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;

/**
 * Limits requests of servlets: those that are denied get 429 with {@code Retry-After}; all get {@code
 * RateLimit} and {@code RateLimit-Policy}. Thread-safe.
 *
 * <pre>{@code
 * new RateLimitFilter(outrigger.limiter(), request -> Map.of("user", request.getRemoteUser()))
 * }</pre>
 */
public final class RateLimitFilter extends HttpFilter {
  private static final int TOO_MANY_REQUESTS = 429;

  private final transient Limiter limiter;
  private final transient Function<HttpServletRequest, Map<String, String>> attributes;

  /**
   * A filter.
   *
   * @param limiter decides
   * @param attributes who and what a request is for; null: it is not limited
   */
  public RateLimitFilter(
      Limiter limiter, Function<HttpServletRequest, Map<String, String>> attributes) {
    this.limiter = limiter;
    this.attributes = attributes;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Map<String, String> who = attributes.apply(request);
    if (who == null) {
      chain.doFilter(request, response);
      return;
    }
    Decision decision = limiter.allow(LimitRequest.of(who).withDetail());
    RateLimitHeaders.of(decision).forEach(response::setHeader);
    if (decision.allowed()) {
      chain.doFilter(request, response);
    } else {
      response.setStatus(TOO_MANY_REQUESTS);
      response.setContentType("text/plain;charset=utf-8");
      response.getWriter().println("Too many requests");
    }
  }
}
