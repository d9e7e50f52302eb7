package io.outrigger.client.jdbc;

import io.outrigger.client.CallResult;
import io.outrigger.client.pool.Lease;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** A physical connection that gives its lease back when it is closed, and dies with it. */
final class LeasedConnection implements InvocationHandler {
  private final Connection physical;
  private final Lease lease;

  private LeasedConnection(Connection physical, Lease lease) {
    this.physical = physical;
    this.lease = lease;
  }

  /** Wraps an open connection; both are this one's from now on. */
  static Connection of(Connection physical, Lease lease) {
    lease.result(CallResult.SUCCESS); // it could be reached, which is what the pool asks
    lease.onLost(() -> abort(physical, lease));
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            new LeasedConnection(physical, lease));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "close":
        close();
        return null;
      case "abort":
        abortWith((Executor) arguments[0]);
        return null;
      case "isValid":
        if (lease.isLost()) {
          return false;
        }
        break;
      case "equals":
        return proxy == arguments[0];
      case "hashCode":
        return System.identityHashCode(proxy);
      default:
        break;
    }
    try {
      return method.invoke(physical, arguments);
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
  }

  private void close() throws SQLException {
    try {
      physical.close();
    } finally {
      lease.close();
    }
  }

  // The driver closes the connection in a task of the executor's, unless it is closed already.
  private void abortWith(Executor executor) throws SQLException {
    AtomicBoolean begun = new AtomicBoolean();
    try {
      physical.abort(
          task -> {
            executor.execute(
                () -> {
                  try {
                    task.run();
                  } finally {
                    lease.close();
                  }
                });
            begun.set(true);
          });
    } finally {
      if (!begun.get()) {
        lease.close();
      }
    }
  }

  // The sidecar may hold a lost lease still: if it hung for less than its own share of it lasts.
  private static void abort(Connection physical, Lease lease) {
    try (lease) {
      physical.abort(Runnable::run);
    } catch (SQLException failure) {
      System.getLogger("io.outrigger.client.jdbc")
          .log(System.Logger.Level.WARNING, "a lost connection cannot be aborted", failure);
    }
  }
}
