import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { sendUnaryData, ServerDuplexStream } from "@grpc/grpc-js";
import { connect, NotAcquiredError, type AcquireOptions, type Lease } from "../src/index.js";
import {
  HoldResponse,
  PoolService,
  Result,
  type HoldRequest,
  type RenewResponse,
} from "../src/gen/outrigger/pool/v1/pool.js";
import { FakeSidecar } from "./support/fake-sidecar.js";
import { OwnSidecar } from "./support/own-sidecar.js";
import { until } from "./support/until.js";

const CONFIG = "pools: [{name: db, max_connections: 2, lease: 1s}]";

/** A sidecar whose pool answers as a test says, and renews for as long as it granted, or does not answer that. */
async function fakePool(expiresAfter = { seconds: 60n, nanos: 0 }, renews = true) {
  let renewals = 0;
  const requests: HoldRequest[] = [];
  const streams: ServerDuplexStream<HoldRequest, HoldResponse>[] = [];
  const sidecar = await new FakeSidecar().serve(PoolService, {
    hold: (stream: ServerDuplexStream<HoldRequest, HoldResponse>) => {
      streams.push(stream);
      stream.on("data", (request: HoldRequest) => requests.push(request));
      stream.on("end", () => stream.end());
    },
    renew: (_call: unknown, callback: sendUnaryData<RenewResponse>) => {
      renewals++;
      if (renews) callback(null, { expiresAfter });
    },
  });
  const grant = (id: bigint, leaseId: bigint): void => void streams[0]?.write(HoldResponse.fromPartial({
    id, acquired: { acquired: true, leaseId, fencingToken: 2n ** 60n + 1n, expiresAfter },
  }));
  return { sidecar, requests, streams, grant, renewals: () => renewals };
}

describe("a lease", () => {
  it("ends with its scope", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const pool = outrigger.pool("wide");
    let kept: Lease;
    {
      await using lease = await pool.acquire();
      kept = lease;
      assert.ok(lease.fencingToken > 0n);
      assert.equal(outrigger.pending().pool, 1);
    }
    assert.equal(outrigger.pending().pool, 0);
    await kept.release(); // twice is no error
    assert.equal(await pool.with((lease) => lease.source), "sidecar");
    const oh = new Error("oh");
    await assert.rejects(pool.with(() => { throw oh; }), oh);
    assert.equal(outrigger.pending().pool, 0);
  });

  it("is released with what became of its body", async () => {
    const { sidecar, requests, grant } = await fakePool();
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 100 });
    const bodies: [() => unknown, Result][] = [
      [() => 1, Result.SUCCESS],
      [() => { throw new Error("oh"); }, Result.FAILURE],
      [() => { throw Object.assign(new Error(), { name: "AbortError" }); }, Result.IGNORED],
    ];
    for (const [body, result] of bodies) {
      requests.length = 0;
      const done = outrigger.pool("p").with(body).catch(() => undefined);
      await until(() => requests.length === 1);
      grant(requests[0]?.id ?? 0n, 5n);
      await until(() => requests.length === 2);
      assert.equal(requests[1]?.release?.result, result);
      await done;
    }
  });

  it("that comes too late is released at once, and its wait was ended", async () => {
    const { sidecar, requests, grant } = await fakePool();
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 50 });
    const abort = new AbortController();
    const call = outrigger.pool("p").acquire({ signal: abort.signal });
    await until(() => requests.length === 1);
    abort.abort(new Error("enough"));
    await assert.rejects(call, /enough/);
    await until(() => requests.length === 2);
    assert.equal(requests[1]?.cancel, requests[0]?.id);
    grant(requests[0]?.id ?? 0n, 9n);
    await until(() => requests.length === 3);
    assert.equal(requests[2]?.release?.leaseId, 9n);
    assert.equal(outrigger.pending().pool, 0);
  });

  it("is not lost by another's request that cannot be written", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const pool = outrigger.pool("wide");
    const lease = await pool.acquire();
    const requests = [
      { role: "PRIMARY" }, { role: "toString" }, { attempt: -1 }, { attempt: 1.5 }, { attempt: 2 ** 32 },
      { sessionKey: 42 }, { avoid: [42] }, { avoid: "db:5432" },
    ];
    for (const request of requests) {
      await assert.rejects(pool.acquire(request as unknown as AcquireOptions), { code: "INVALID_ARGUMENT" });
    }
    await assert.rejects(outrigger.pool(42 as unknown as string).acquire(), { code: "INVALID_ARGUMENT" });
    await (await pool.acquire({ attempt: 2 ** 32 - 1 })).release("SUCCESS" as "success");
    await pool.with(() => undefined); // the stream is well
    assert.equal(lease.lost, false);
    await lease.release();
  });

  it("is lost when the stream breaks, and its holder is told in every way", async () => {
    const { sidecar, requests, streams, grant } = await fakePool();
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const call = outrigger.pool("p").acquire();
    await until(() => requests.length === 1);
    grant(requests[0]?.id ?? 0n, 9n);
    const lease = await call;
    assert.equal(lease.fencingToken, 2n ** 60n + 1n);
    let told = 0;
    lease.onLost(() => told++);
    const { signal } = lease;
    streams[0]?.end();
    await until(() => lease.lost);
    lease.onLost(() => told++);
    await until(() => told === 2);
    assert.equal(signal.aborted, true);
    await lease.release();
    assert.equal(outrigger.pending().pool, 0);
  });

  it("is lost when the sidecar says so", async () => {
    const { sidecar, requests, streams, grant } = await fakePool();
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const call = outrigger.pool("p").acquire();
    await until(() => requests.length === 1);
    grant(requests[0]?.id ?? 0n, 9n);
    const lease = await call;
    streams[0]?.write(HoldResponse.fromPartial({ id: 0n, lostLeaseId: 9n }));
    await until(() => lease.lost);
  });

  it("is renewed for as long as it is held", async () => {
    const { sidecar, requests, grant, renewals } = await fakePool({ seconds: 2n, nanos: 0 });
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const call = outrigger.pool("p").acquire();
    await until(() => requests.length === 1);
    grant(requests[0]?.id ?? 0n, 9n);
    const lease = await call;
    await until(() => renewals() >= 3);
    assert.equal(lease.lost, false);
    await lease.release();
    assert.equal(outrigger.pending().pool, 0);
  });

  it("that was not renewed in time is given back all the same: the stream holds it still", async () => {
    const { sidecar, requests, grant } = await fakePool({ seconds: 0n, nanos: 50_000_000 }, false);
    await using _ = sidecar;
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 100 });
    const call = outrigger.pool("p").acquire({ maxWaitMs: 10_000 });
    await until(() => requests.length === 1);
    grant(requests[0]?.id ?? 0n, 9n);
    const lease = await call;
    await until(() => lease.lost);
    await lease.release();
    await until(() => requests.length === 2);
    assert.equal(requests[1]?.release?.leaseId, 9n);
    assert.equal(outrigger.pending().pool, 0);
  });

  it("is lost in time when the sidecar hangs", async () => {
    await using sidecar = new OwnSidecar(CONFIG);
    sidecar.start();
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 200 });
    const pool = outrigger.pool("db");
    let lease: Lease | undefined;
    await until(async () => (lease = await pool.acquire().catch(() => undefined)));
    sidecar.signal("SIGSTOP");
    await until(() => lease?.lost);
    sidecar.signal("SIGCONT");
    await lease?.release();
    await until(() => pool.with(() => true).catch(() => false));
  });

  it("is not held twice: who waits gets it when it is given back", async () => {
    await using sidecar = new OwnSidecar(CONFIG);
    sidecar.start();
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const pool = outrigger.pool("db", { maxWaitMs: 20_000 });
    await until(() => pool.with(() => true).catch(() => false));
    let held = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 50 }, () => pool.with(async () => {
      most = Math.max(most, ++held);
      await new Promise(setImmediate);
      held--;
    })));
    assert.equal(most, 2);
    await assert.rejects(outrigger.pool("nobody").acquire(), { code: "NOT_FOUND" });
  });
});

describe("without a sidecar a pool", () => {
  const target = "unix:/nonexistent/o.sock";

  it("refuses", async () => {
    await using outrigger = connect({ target });
    await assert.rejects(outrigger.pool("db").acquire(), (error: unknown) => {
      assert.ok(error instanceof NotAcquiredError);
      assert.deepEqual([error.reason, error.retryAfterMs, error.source], ["STORE_UNAVAILABLE", 1000, "fallback"]);
      return true;
    });
  });

  it("or gives out its own share", async () => {
    await using outrigger = connect({ target, pool: { onUnavailable: "share", share: 2, endpoint: "db:5432" } });
    const pool = outrigger.pool("db");
    const leases = [await pool.acquire(), await pool.acquire()];
    assert.equal(leases[0]?.endpoint?.address, "db:5432");
    await assert.rejects(pool.acquire(), NotAcquiredError);
    await Promise.all(leases.map((lease) => lease.release()));
    await Promise.all(leases.map((lease) => lease.release()));
    assert.equal(outrigger.pending().pool, 0);
    assert.equal((await pool.acquire()).source, "fallback");
  });
});
