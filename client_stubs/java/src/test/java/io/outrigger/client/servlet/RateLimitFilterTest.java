package io.outrigger.client.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.outrigger.client.Outrigger;
import io.outrigger.client.Sidecars;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.EnumSet;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In a real Jetty. */
class RateLimitFilterTest {
  private final Outrigger outrigger = Sidecars.connect();
  private final Server server = new Server(0);
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws Exception {
    ServletContextHandler context = new ServletContextHandler();
    RateLimitFilter filter =
        new RateLimitFilter(
            outrigger.limiter(),
            request -> {
              String user = request.getHeader("user");
              return user == null ? null : Map.of("user", user);
            });
    context.addFilter(new FilterHolder(filter), "/*", EnumSet.of(DispatcherType.REQUEST));
    context.addServlet(new ServletHolder(new Hello()), "/*");
    server.setHandler(context);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
    outrigger.close();
  }

  private HttpResponse<String> get(String user) throws Exception {
    int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"));
    if (user != null) {
      request.header("user", user);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theBurstIsServedAndTheRestIsTold() throws Exception {
    String user = Sidecars.unique();
    HttpResponse<String> first = get(user);
    assertEquals(200, first.statusCode());
    assertEquals("hello", first.body());
    assertEquals("\"per_user\";r=9;t=360", first.headers().firstValue("ratelimit").get());
    for (int i = 0; i < 9; i++) {
      assertEquals(200, get(user).statusCode());
    }
    HttpResponse<String> denied = get(user);
    assertEquals(429, denied.statusCode());
    assertTrue(Integer.parseInt(denied.headers().firstValue("retry-after").get()) <= 360);
    assertEquals(
        "\"per_user\";q=10;w=3600", denied.headers().firstValue("ratelimit-policy").get());
  }

  @Test
  void whoHasNoAttributesIsNotLimited() throws Exception {
    HttpResponse<String> response = get(null);
    assertEquals(200, response.statusCode());
    assertTrue(response.headers().firstValue("ratelimit").isEmpty());
  }

  private static final class Hello extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.getWriter().print("hello");
    }
  }
}
