package io.outrigger.client.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.outrigger.client.Await;
import io.outrigger.client.Outrigger;
import io.outrigger.client.PendingLeases;
import io.outrigger.client.Sidecars;
import io.outrigger.client.pool.AcquireOptions;
import io.outrigger.client.pool.PoolUnavailableException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/** Real HikariCP pools before a real PostgreSQL, whose role may have 5 connections. */
class HikariTest {
  private static final int CAP = 5;

  private final Outrigger outrigger = Sidecars.connect();

  @AfterEach
  void close() throws Exception {
    Await.until(() -> PendingLeases.of(outrigger) == 0);
    outrigger.close();
  }

  private static DataSource postgres() {
    PGSimpleDataSource postgres = new PGSimpleDataSource();
    postgres.setServerNames(new String[] {System.getenv("PGHOST")});
    postgres.setPortNumbers(new int[] {Integer.parseInt(System.getenv("PGPORT"))});
    postgres.setUser(System.getenv("PGUSER"));
    postgres.setDatabaseName(System.getenv("PGDATABASE"));
    return postgres;
  }

  private HikariDataSource hikari(Outrigger client) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(new LeasedDataSource(client.pool("postgres"), postgres()));
    config.setMaximumPoolSize(CAP);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(30_000);
    return new HikariDataSource(config);
  }

  private static int query(DataSource source) {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select 42")) {
      rows.next();
      return rows.getInt(1);
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Test
  void connectionsHoldLeasesAndGiveThemBack() throws Exception {
    try (HikariDataSource hikari = hikari(outrigger)) {
      List<CompletableFuture<Integer>> queries = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        queries.add(CompletableFuture.supplyAsync(() -> query(hikari)));
      }
      for (CompletableFuture<Integer> one : queries) {
        assertEquals(42, one.get());
      }
      assertTrue(PendingLeases.of(outrigger) <= CAP);
      Await.until(
          () ->
              hikari.getHikariPoolMXBean().getTotalConnections() == PendingLeases.of(outrigger));
      try (Connection connection = hikari.getConnection()) {
        assertTrue(connection.unwrap(PGConnection.class).getBackendPID() > 0);
      }
    }
  }

  @Test
  void whenAllSlotsAreTakenThereIsNoConnection() throws Exception {
    LeasedDataSource leased = new LeasedDataSource(
            outrigger.pool("postgres"),
            AcquireOptions.usual()
                .withMaxWait(Duration.ZERO),
            lease -> postgres().getConnection());
    List<Connection> all = new ArrayList<>();
    for (int i = 0; i < CAP; i++) {
      all.add(leased.getConnection());
    }
    SQLTransientConnectionException none =
        assertThrows(SQLTransientConnectionException.class, leased::getConnection);
    assertEquals(PoolUnavailableException.class, none.getCause().getClass());
    for (Connection connection : all) {
      connection.close();
      connection.close();
    }
  }

  @Test
  void aConnectionThatFailsToOpenKeepsNoLease() throws Exception {
    PGSimpleDataSource nobody = new PGSimpleDataSource();
    nobody.setServerNames(new String[] {"127.0.0.1"});
    nobody.setPortNumbers(new int[] {1});
    LeasedDataSource leased = new LeasedDataSource(outrigger.pool("postgres"), nobody);
    assertThrows(SQLException.class, leased::getConnection);
  }

  @Test
  void aLostLeasesConnectionIsNotUsedAgain() throws Exception {
    Outrigger other = Sidecars.connect();
    LeasedDataSource leased = new LeasedDataSource(other.pool("postgres"), postgres());
    Connection connection = leased.getConnection();
    assertTrue(connection.isValid(5));
    other.close();
    Await.until(connection::isClosed);
    assertFalse(connection.isValid(5));
    connection.close();
  }

  @Test
  void anAbortOfWhatIsClosedGivesTheLeaseBack() throws Exception {
    Connection physical = postgres().getConnection();
    Connection connection =
        new LeasedDataSource(
                outrigger.pool("postgres"), AcquireOptions.usual(), lease -> physical)
            .getConnection();
    physical.close();
    connection.abort(Runnable::run);
  }

  @Test
  void anAbortGivesTheLeaseBack() throws Exception {
    LeasedDataSource leased = new LeasedDataSource(outrigger.pool("postgres"), postgres());
    leased.getConnection().abort(Runnable::run);
  }
}
