package example;

import io.outrigger.client.Outrigger;
import io.outrigger.client.breaker.Breaker;
import io.outrigger.client.cache.Cache;
import io.outrigger.client.cache.Cached;
import io.outrigger.client.cache.Codec;
import io.outrigger.client.pool.Lease;
import io.outrigger.client.pool.PoolUnavailableException;
import io.outrigger.client.servlet.RateLimitFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;

/** A service with all four parts: GET /orders/ID, limited by the header `user`. */
public final class Orders extends HttpServlet {
  private final transient Outrigger outrigger;
  private final transient Cache<String> profiles;
  private final transient Breaker payments;

  private Orders(Outrigger outrigger) {
    this.outrigger = outrigger;
    this.profiles = outrigger.cache("profiles", Codec.text());
    this.payments = outrigger.breaker("payments");
  }

  public static void main(String[] arguments) throws Exception {
    try (Outrigger outrigger = Outrigger.connect()) {
      RateLimitFilter limits =
          new RateLimitFilter(outrigger.limiter(), request -> Map.of("user", user(request)));
      ServletContextHandler context = new ServletContextHandler();
      context.addFilter(new FilterHolder(limits), "/*", EnumSet.of(DispatcherType.REQUEST));
      context.addServlet(new ServletHolder(new Orders(outrigger)), "/orders/*");
      Server server = new Server(arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8080);
      server.setHandler(context);
      server.setStopAtShutdown(true);
      server.start();
      server.join();
    }
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String order = request.getPathInfo() == null ? "/" : request.getPathInfo();
    Cached<String> profile = profiles.getOrLoad(user(request), Orders::readProfile);
    response.setContentType("text/plain;charset=utf-8");
    try (Lease connection = outrigger.pool("orders").acquire()) {
      String paid = payments.call(() -> "paid", open -> "to be paid later");
      response
          .getWriter()
          .printf(
              "order %s of %s: %s, by %s%n",
              order.substring(1), profile.value(), paid, connection.endpoint());
    } catch (PoolUnavailableException busy) {
      response.sendError(503, busy.getMessage());
    } catch (Exception failure) {
      throw new IOException(failure);
    }
  }

  private static String user(HttpServletRequest request) {
    String user = request.getHeader("user");
    return user == null ? "nobody" : user;
  }

  // Stands for a slow query.
  private static String readProfile(String user) {
    return "profile of " + user;
  }
}
