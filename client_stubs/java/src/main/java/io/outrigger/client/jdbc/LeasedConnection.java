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
    lease.onLost(() -> abort(physical));
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

  // The driver closes the connection in a task of the executor's.
  private void abortWith(Executor executor) throws SQLException {
    physical.abort(
        task ->
            executor.execute(
                () -> {
                  try {
                    task.run();
                  } finally {
                    lease.close();
                  }
                }));
  }

  private static void abort(Connection physical) {
    try {
      physical.abort(Runnable::run);
    } catch (SQLException failure) {
      System.getLogger("io.outrigger.client.jdbc")
          .log(System.Logger.Level.WARNING, "a lost connection cannot be aborted", failure);
    }
  }
}
