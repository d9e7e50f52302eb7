package io.outrigger.client.jdbc;

import io.outrigger.client.CallResult;
import io.outrigger.client.OutriggerException;
import io.outrigger.client.pool.AcquireOptions;
import io.outrigger.client.pool.Lease;
import io.outrigger.client.pool.Pool;
import io.outrigger.client.pool.PoolUnavailableException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTransientConnectionException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * A data source each of whose physical connections holds a lease of a pool, so that all connection
 * pools of the fleet together never open more than the pool's cap. For under HikariCP, or any pool
 * that takes a data source. Thread-safe.
 *
 * <pre>{@code
 * HikariConfig config = new HikariConfig();
 * config.setDataSource(new LeasedDataSource(outrigger.pool("postgres"), postgres));
 * }</pre>
 *
 * <p>The lease is taken before connecting and given back after the connection is closed. When it is
 * lost the connection is aborted, and is not valid any more. Without a lease {@link #getConnection}
 * throws {@link SQLTransientConnectionException} with a {@link PoolUnavailableException} for its
 * cause; connection pools then try again by themselves.
 */
public final class LeasedDataSource implements DataSource {

  /** Opens a physical connection. */
  @FunctionalInterface
  public interface Opener {

    /**
     * Opens one.
     *
     * @param lease says where, if the pool has endpoints
     * @return a new connection
     * @throws SQLException if it cannot be had
     */
    Connection open(Lease lease) throws SQLException;
  }

  private final Pool pool;
  private final AcquireOptions options;
  private final Opener opener;
  private volatile PrintWriter logWriter;
  private volatile int loginTimeoutSeconds;

  /**
   * Connections of another data source, for a pool that only caps.
   *
   * @param pool counts them
   * @param connections opens them; must not pool them by itself
   */
  public LeasedDataSource(Pool pool, DataSource connections) {
    this(pool, AcquireOptions.usual(), lease -> connections.getConnection());
  }

  /**
   * Connections to where each lease says.
   *
   * @param pool counts them, and chooses endpoints
   * @param options which lease, and how long to wait for it
   * @param opener opens them
   */
  public LeasedDataSource(Pool pool, AcquireOptions options, Opener opener) {
    this.pool = pool;
    this.options = options;
    this.opener = opener;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Lease lease = acquire();
    Connection connection;
    try {
      connection = opener.open(lease);
    } catch (Throwable failure) {
      lease.result(CallResult.FAILURE);
      lease.close();
      throw failure;
    }
    return LeasedConnection.of(connection, lease);
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("the underlying data source has the credentials");
  }

  private Lease acquire() throws SQLException {
    try {
      return pool.acquire(options);
    } catch (PoolUnavailableException none) {
      throw new SQLTransientConnectionException(none.getMessage(), none);
    } catch (OutriggerException mistake) {
      throw new SQLException(mistake.getMessage(), mistake);
    }
  }

  @Override
  public PrintWriter getLogWriter() {
    return logWriter;
  }

  @Override
  public void setLogWriter(PrintWriter out) {
    logWriter = out;
  }

  @Override
  public int getLoginTimeout() {
    return loginTimeoutSeconds;
  }

  @Override
  public void setLoginTimeout(int seconds) {
    loginTimeoutSeconds = seconds;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("no logger");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (!isWrapperFor(type)) {
      throw new SQLException("not a wrapper of " + type.getName());
    }
    return type.cast(this);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}
