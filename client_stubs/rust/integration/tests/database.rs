//! The adapter for deadpool, with a real PostgreSQL whose role may have only as many connections as the pool has slots.

use deadpool::managed::{Object, Pool, PoolError};
use deadpool_postgres::Manager;
use outrigger::deadpool::{LeasedError, LeasedManager};
use outrigger::pool::AcquireError;
use outrigger::{Error, Outrigger};
use outrigger_integration::sidecar;
use tokio::task::JoinSet;
use tokio_postgres::{Config, NoTls};

type Connections = Pool<LeasedManager<Manager>>;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name}: run this by with_sidecar.py --postgres"))
}

fn connections(outrigger: &Outrigger) -> Connections {
    let mut config = Config::new();
    config.host(variable("PGHOST")).port(variable("PGPORT").parse().unwrap());
    config.user(variable("PGUSER")).dbname(variable("PGDATABASE"));
    let leased = LeasedManager::new(outrigger.pool("postgres"), Manager::new(config, NoTls));
    // The server counts a connection until its process has ended: so wait for that.
    let leased = leased.close_with(|client: deadpool_postgres::ClientWrapper| async move {
        let _ = client.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())").await;
        let _ = client.batch_execute("").await;
    });
    Pool::builder(leased).max_size(5).build().unwrap()
}

async fn query(connections: &Connections) -> Object<LeasedManager<Manager>> {
    let connection = connections.get().await.unwrap();
    let row = connection.query_one("SELECT 6 * 7", &[]).await.unwrap();
    assert_eq!(row.get::<_, i32>(0), 42);
    connection
}

#[tokio::test]
async fn two_pools_together_never_have_more_connections_than_slots() {
    let clients = [sidecar(), sidecar()];
    let pools = [connections(&clients[0]), connections(&clients[1])];
    let mut callers = JoinSet::new();
    for caller in 0..10 {
        let pool = pools[caller % 2].clone();
        callers.spawn(async move {
            for _ in 0..10 {
                let connection = query(&pool).await;
                // Closes it, so that the next one connects anew.
                drop(Object::take(connection));
            }
        });
    }
    callers.join_all().await;
    let kept = query(&pools[0]).await;
    let token = kept.lease().fencing_token();
    drop(kept);
    let again = query(&pools[0]).await;
    assert_eq!(again.lease().fencing_token(), token, "a connection that is kept keeps its lease");
    drop(again);

    clients[0].close().await;
    let lost = pools[0].get().await;
    assert!(
        matches!(lost, Err(PoolError::Backend(LeasedError::Lease(AcquireError::Outrigger(Error::Closed))))),
        "a connection whose lease is lost is not used again"
    );
}
