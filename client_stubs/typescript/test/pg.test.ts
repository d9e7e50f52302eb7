import assert from "node:assert/strict";
import { describe, it } from "node:test";
import pg from "pg";
import { connect, NotAcquiredError } from "../src/index.js";
import { leasedClient } from "../src/pg.js";
import { OwnSidecar } from "./support/own-sidecar.js";
import { until } from "./support/until.js";

const SLOTS = 5; // of the pool `postgres`, and connections that the role may have

describe("a pg.Pool whose connections hold leases", () => {
  it("has never more connections than the fleet's cap", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const slots = outrigger.pool("postgres", { maxWaitMs: 30_000 });
    // Two pools, as two processes have them: each could fill the cap by itself. What is idle is closed at once, so that
    // connections come and go all the time.
    const pools = [1, 2].map(() => new pg.Pool({ max: SLOTS, idleTimeoutMillis: 1, Client: leasedClient(slots) }));
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) =>
      pools[i % 2]?.query<{ n: number }>("select $1::int as n", [i])));
    assert.deepEqual(answers.map((answer) => answer?.rows[0]?.n), answers.map((_, i) => i));
    await Promise.all(pools.map((pool) => pool.end()));
    await until(() => outrigger.pending().pool === 0);
  });

  it("does not use a connection again whose lease is lost", async () => {
    await using sidecar = new OwnSidecar("pools: [{name: db, max_connections: 2}]");
    sidecar.start();
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const slots = outrigger.pool("db");
    await until(() => slots.with(() => true).catch(() => false));
    const db = new pg.Pool({ max: 1, Client: leasedClient(slots) });
    const errors: Error[] = [];
    db.on("error", (error) => errors.push(error));
    const backend = async () => (await db.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid;
    const first = await backend();
    assert.equal(await backend(), first);
    await sidecar.kill();
    await until(() => errors.length === 1 && db.totalCount === 0);
    sidecar.start();
    await until(() => slots.with(() => true).catch(() => false));
    assert.notEqual(await backend(), first);
    await db.end();
  });

  it("tells that there is no slot, and takes none that came too late", async () => {
    await using sidecar = new OwnSidecar("pools: [{name: db, max_connections: 1}]");
    sidecar.start();
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const slots = outrigger.pool("db");
    await until(() => slots.with(() => true).catch(() => false));
    const lease = await slots.acquire();
    const refused = new pg.Pool({ Client: leasedClient(slots, { maxWaitMs: 0 }) });
    await assert.rejects(refused.query("select 1"), NotAcquiredError);
    const waiting = new pg.Pool({ connectionTimeoutMillis: 50, Client: leasedClient(slots, { maxWaitMs: 60_000 }) });
    await assert.rejects(waiting.query("select 1"), /timeout/);
    const Client = leasedClient(slots, { maxWaitMs: 60_000 });
    const client = new Client();
    const connected = client.connect();
    await client.end();
    await assert.rejects(connected, /ended/);
    assert.equal(outrigger.pending().pool, 1);
    await lease.release();
    await until(() => slots.with(() => true));
  });

  it("gives its lease back when it cannot connect, wherever the endpoint is", async () => {
    await using sidecar = new OwnSidecar(`
pools:
- {name: away, max_connections: 1, endpoints: [{address: "127.0.0.1:1"}]}
- {name: here, max_connections: 1, endpoints: [{address: "${process.env["PGHOST"]?.startsWith("/")
      ? `unix:${process.env["PGHOST"]}/.s.PGSQL.${process.env["PGPORT"]}`
      : `${process.env["PGHOST"]}:${process.env["PGPORT"]}`}"}]}`);
    sidecar.start();
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    await until(() => outrigger.pool("away").with(() => true).catch(() => false));
    const away = new pg.Pool({ Client: leasedClient(outrigger.pool("away")) });
    for (let i = 0; i < 3; i++) await assert.rejects(away.query("select 1"), { code: "ECONNREFUSED" });
    await until(() => outrigger.pending().pool === 0);
    const here = new pg.Pool({ host: "127.0.0.1", port: 1, Client: leasedClient(outrigger.pool("here")) });
    assert.equal((await here.query<{ one: number }>("select 1 as one")).rows[0]?.one, 1);
    await here.end();
  });
});
