import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { describe, it } from "node:test";
import type { Sidecar } from "../src/core/sidecar.js";
import { AcquireRequest, HoldResponse, type HoldRequest } from "../src/gen/outrigger/pool/v1/pool.js";
import { Hold } from "../src/pool/hold.js";
import { until } from "./support/until.js";

/** A stream that takes a message only when it is told to. */
class SlowStream extends Duplex {
  readonly taken: HoldRequest[] = [];
  private go: (() => void) | undefined;
  private flows = false;

  constructor() {
    super({ objectMode: true });
  }

  override _read(): void {}

  override _write(request: HoldRequest, _encoding: string, done: () => void): void {
    this.taken.push(request);
    if (this.flows) done();
    else this.go = done;
  }

  flow(): void {
    this.flows = true;
    this.go?.();
  }

  cancel(): void {
    this.destroy();
  }
}

function holdOn(stream: SlowStream): Hold {
  const sidecar = { timeoutMs: 5000, graceMs: 500, pool: { hold: () => stream } } as unknown as Sidecar;
  return new Hold(sidecar, { lostLease: () => undefined, lostAll: () => undefined });
}

describe("the stream of leases", () => {
  it("keeps nothing of acquires that were given up before it took them, and cancels the others", async () => {
    const stream = new SlowStream();
    const hold = holdOn(stream);
    const abort = new AbortController();
    const request = AcquireRequest.fromPartial({ pool: "p" });
    const acquires = Array.from({ length: 1000 }, () => hold.acquire(request, 5000, abort.signal));
    const written = stream.writableLength;
    assert.equal(written, stream.writableHighWaterMark);
    abort.abort(new Error("enough"));
    const ended = await Promise.allSettled(acquires);
    assert.ok(ended.every((each) => each.status === "rejected"));
    assert.deepEqual([hold.pending, stream.writableLength], [0, written]);

    const last = hold.acquire(request, 5000, undefined);
    stream.flow();
    await until(() => stream.taken.length === 2 * written + 1);
    const ids = stream.taken.slice(0, written).map((each) => each.id);
    assert.deepEqual(stream.taken.slice(written, -1).map((each) => each.cancel), ids);
    const { id, acquire } = stream.taken.at(-1) as HoldRequest;
    assert.equal(acquire?.pool, "p");
    stream.push(HoldResponse.fromPartial({ id, acquired: { acquired: true, leaseId: 9n } }));
    assert.equal((await last)?.answer.leaseId, 9n);
    stream.cancel();
  });

  it("gives a lease back in the end, even if that was not taken in time", async () => {
    const stream = new SlowStream();
    const hold = holdOn(stream);
    const abort = new AbortController();
    const acquires = Array.from({ length: stream.writableHighWaterMark }, () =>
      hold.acquire(AcquireRequest.fromPartial({ pool: "p" }), 5000, abort.signal));
    const written = stream.writableLength;
    void hold.release(5n, "success");
    assert.equal(stream.writableLength, written);
    stream.flow();
    await until(() => stream.taken.at(-1)?.release?.leaseId === 5n);
    abort.abort();
    await Promise.allSettled(acquires);
    stream.push(HoldResponse.fromPartial({ id: stream.taken[written]?.id ?? 0n, released: {} }));
    await until(() => hold.pending === 0);
    stream.cancel();
  });
});
