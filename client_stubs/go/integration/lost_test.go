package integration

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
)

// connections is how many PostgreSQL serves under that name.
func connections(t *testing.T, watcher *pgx.Conn, name string) int {
	t.Helper()
	var count int
	if err := watcher.QueryRow(context.Background(),
		"SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", name).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

func watch(t *testing.T) *pgx.Conn {
	t.Helper()
	watcher, err := pgx.ConnectConfig(context.Background(), postgres(t, "watcher"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = watcher.Close(context.Background()) })
	return watcher
}

func TestALostLeasesConnectionIsClosedAndNotUsedAgain(t *testing.T) {
	own := sidecartest.Start(t, "pools:\n- {name: database, max_connections: 3}\n")
	client := connect(t, own.Target)
	watcher := watch(t)
	ctx := context.Background()
	db := open(t, client.Pool("database"), postgres(t, "lost"))
	var held []*sql.Conn
	for range 3 {
		connection, err := db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, connection)
	}
	idle, busy, between := held[0], held[1], held[2]
	if err := idle.Close(); err != nil { // kept by database/sql
		t.Fatal(err)
	}
	transaction, err := busy.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	prepared, err := between.PrepareContext(ctx, "SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	if got := connections(t, watcher, "lost"); got != 3 {
		t.Fatalf("%d connections", got)
	}
	own.Kill()
	sidecartest.Until(t, "the idle one is closed", func() bool { return connections(t, watcher, "lost") == 2 })
	sidecartest.Until(t, "the others know", func() bool { return client.Stats().PoolPending == 0 })
	if _, err := transaction.Exec("SELECT 1"); err == nil {
		t.Error("the transaction went on")
	}
	if err := transaction.Rollback(); err != nil {
		t.Log("rollback:", err)
	}
	if _, err := prepared.Exec(); err == nil {
		t.Error("the statement was used")
	}
	if err := between.PingContext(ctx); err == nil {
		t.Error("the connection was used")
	}
	_, _ = busy.Close(), between.Close() // what they say is database/sql's
	sidecartest.Until(t, "all are closed", func() bool { return connections(t, watcher, "lost") == 0 })

	own.Again()
	sidecartest.Until(t, "there is one again", func() bool { return db.Ping() == nil })
}
