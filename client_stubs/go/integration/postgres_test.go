// Package integration tests the library beside what is not to be its dependency.
package integration

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	"github.com/outrigger/outrigger/client_stubs/go/outriggersql"
)

const patience = 20 * time.Second

// postgres is PostgreSQL as tests/conformance/with_sidecar.py --postgres gives it:
// its role may have only as many connections as the pool `postgres` has slots.
func postgres(t *testing.T, name string) *pgx.ConnConfig {
	t.Helper()
	if os.Getenv("PGHOST") == "" {
		t.Fatal("PGHOST is not set: run the tests beside tests/conformance/with_sidecar.py --postgres")
	}
	config, err := pgx.ParseConfig("")
	if err != nil {
		t.Fatal(err)
	}
	config.RuntimeParams["application_name"] = name
	config.DialFunc = pgconn.DialFunc(outriggersql.WithFarewell((&net.Dialer{}).DialContext))
	return config
}

func connect(t *testing.T, target string) *outrigger.Client {
	t.Helper()
	client, err := outrigger.Connect(outrigger.WithTarget(target), outrigger.WithTimeout(patience))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func open(t *testing.T, pool *outrigger.Pool, config *pgx.ConnConfig, options ...outrigger.AcquireOption) *sql.DB {
	t.Helper()
	db := sql.OpenDB(outriggersql.NewConnector(pool, stdlib.GetConnector(*config), options...))
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Forty callers in two pools of database/sql, for five slots; and PostgreSQL would
// refuse a sixth connection.
func TestPostgresIsNeverAskedForMoreThanThePoolHas(t *testing.T) {
	var running sync.WaitGroup
	for i := range 2 {
		client := connect(t, os.Getenv("OUTRIGGER_TARGET"))
		db := open(t, client.Pool("postgres"), postgres(t, fmt.Sprint("capped", i)), outrigger.MaxWait(patience))
		db.SetMaxIdleConns(1)
		db.SetConnMaxIdleTime(10 * time.Millisecond)
		for range 20 {
			running.Add(1)
			go func() {
				defer running.Done()
				for range 10 {
					var one int
					if err := db.QueryRow("SELECT 1").Scan(&one); err != nil || one != 1 {
						t.Errorf("%d, %v", one, err)
					}
				}
			}()
		}
	}
	running.Wait()
}

func TestWhatDatabaseSQLDoesIsPassedOn(t *testing.T) {
	client := connect(t, os.Getenv("OUTRIGGER_TARGET"))
	db := open(t, client.Pool("postgres"), postgres(t, "passed"))
	db.SetMaxOpenConns(1)
	ctx := context.Background()
	if err := db.PingContext(ctx); err != nil {
		t.Fatal(err)
	}
	transaction, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelSerializable})
	if err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]string{"transaction_read_only": "on", "transaction_isolation": "serializable"} {
		var got string
		if err := transaction.QueryRow("SELECT current_setting($1)", setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v", setting, got, err)
		}
	}
	if err := transaction.Commit(); err != nil {
		t.Error(err)
	}
	if _, err := db.Exec("CREATE TEMPORARY TABLE pets (name text, tags text[])"); err != nil {
		t.Fatal(err)
	}
	insert, err := db.Prepare("INSERT INTO pets VALUES ($1, $2)")
	if err != nil {
		t.Fatal(err)
	}
	// A slice is what only the driver's own checker of values takes.
	if result, err := insert.Exec("rex", []string{"dog", "old"}); err != nil {
		t.Error(err)
	} else if rows, err := result.RowsAffected(); err != nil || rows != 1 {
		t.Error(rows, err)
	}
	if err := insert.Close(); err != nil {
		t.Error(err)
	}
	count, err := db.Prepare("SELECT cardinality(tags) FROM pets WHERE name = $1")
	if err != nil {
		t.Fatal(err)
	}
	var tags int
	if err := count.QueryRow("rex").Scan(&tags); err != nil || tags != 2 {
		t.Error(tags, err)
	}
	if err := count.Close(); err != nil {
		t.Error(err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := db.ExecContext(cancelled, "SELECT 1"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if client.Stats().PoolPending != 1 {
		t.Errorf("%d leases", client.Stats().PoolPending)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if client.Stats().PoolPending != 0 {
		t.Errorf("%d leases after the end", client.Stats().PoolPending)
	}
}

func TestTheDriversOwnConnectionCanBeHad(t *testing.T) {
	client := connect(t, os.Getenv("OUTRIGGER_TARGET"))
	connection, err := open(t, client.Pool("postgres"), postgres(t, "raw")).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.Raw(func(driverConn any) error {
		if _, ok := outriggersql.Base(driverConn).(*stdlib.Conn); !ok {
			return fmt.Errorf("it is a %T", outriggersql.Base(driverConn))
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestWithoutASlotThereIsNoConnection(t *testing.T) {
	client := connect(t, os.Getenv("OUTRIGGER_TARGET"))
	pool := client.Pool("postgres")
	for range 5 {
		lease, err := pool.Acquire(context.Background(), outrigger.MaxWait(patience))
		if err != nil {
			t.Fatal(err)
		}
		defer lease.Release(outrigger.Ignored)
	}
	err := open(t, pool, postgres(t, "none"), outrigger.MaxWait(0)).Ping()
	var refused *outrigger.NotAcquiredError
	if !errors.As(err, &refused) || refused.Reason != outrigger.Timeout {
		t.Error(err)
	}
}

func TestASlotIsGivenBackIfConnectingFails(t *testing.T) {
	client := connect(t, os.Getenv("OUTRIGGER_TARGET"))
	config := postgres(t, "nowhere")
	config.Database = "no_such_database"
	if err := open(t, client.Pool("postgres"), config).Ping(); err == nil {
		t.Error("it connected")
	}
	if client.Stats().PoolPending != 0 {
		t.Errorf("%d leases", client.Stats().PoolPending)
	}
	elsewhere := outriggersql.NewEndpointConnector(client.Pool("postgres"), stdlib.GetDefaultDriver(),
		func(outrigger.Endpoint) (driver.Connector, error) { return nil, errors.New("no such endpoint") })
	if err := sql.OpenDB(elsewhere).Ping(); err == nil || client.Stats().PoolPending != 0 {
		t.Errorf("%v, %d leases", err, client.Stats().PoolPending)
	}
}
