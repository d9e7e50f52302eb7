import type { ClientDuplexStream } from "@grpc/grpc-js";
import type { AcquireRequest, AcquireResponse, HoldRequest, HoldResponse } from "../gen/outrigger/pool/v1/pool.js";
import { Result as WireResult } from "../gen/outrigger/pool/v1/pool.js";
import { clockMs } from "../core/clock.js";
import { DeadlineQueue } from "../core/deadlines.js";
import { mistakeOf } from "../core/errors.js";
import type { Sidecar } from "../core/sidecar.js";
import { knownResult, type Result } from "../breaker/classify.js";

type Stream = ClientDuplexStream<HoldRequest, HoldResponse>;

/** What came of an acquire: the answer, and when it had been sent (clockMs); undefined: no answer. */
export type Acquired = { readonly answer: AcquireResponse; readonly sentAt: number } | undefined;

interface Waiting {
  readonly sentAt: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (acquired: Acquired) => void;
  readonly reject: (error: unknown) => void;
}

interface Releasing {
  readonly id: number;
  readonly resolve: () => void;
}

/** Told when leases of the stream's are gone. */
export interface LossListener {
  lostLease(leaseId: bigint): void;
  /** The stream broke: all that it held. */
  lostAll(): void;
}

/**
 * Acquires and releases on one stream, which owns the leases: when it breaks they are free at once. It is opened by
 * the first acquire, and again by the first after it broke.
 */
export class Hold {
  private readonly sidecar: Sidecar;
  private readonly listener: LossListener;
  private stream: Stream | undefined;
  private readonly outbox = new Map<number, HoldRequest>(); // not written yet: the stream takes no more for now
  private readonly waiting = new Map<number, Waiting>();
  private readonly releasing = new Map<number, Releasing>();
  private readonly releases: DeadlineQueue<Releasing>;
  private lastId = 0;

  constructor(sidecar: Sidecar, listener: LossListener) {
    this.sidecar = sidecar;
    this.listener = listener;
    this.releases = new DeadlineQueue(sidecar.timeoutMs, (release) => this.released(release.id));
  }

  /** Requests that wait for their answer. */
  get pending(): number {
    return this.waiting.size + this.releasing.size;
  }

  /** Rejects with an OutriggerError for a mistake, and with the signal's reason if that fires first. */
  acquire(request: AcquireRequest, waitMs: number, signal: AbortSignal | undefined): Promise<Acquired> {
    const id = ++this.lastId;
    return new Promise<Acquired>((resolve, reject) => {
      const abort = (): void => this.giveUp(id, () => reject(signal?.reason));
      const timer = setTimeout(() => this.giveUp(id, () => resolve(undefined)), waitMs + this.sidecar.timeoutMs);
      signal?.addEventListener("abort", abort, { once: true });
      const settled = <T>(settle: (value: T) => void) => (value: T): void => {
        signal?.removeEventListener("abort", abort);
        settle(value);
      };
      this.waiting.set(id, { sentAt: clockMs(), timer, resolve: settled(resolve), reject: settled(reject) });
      this.open();
      this.send(id, { acquire: request });
    });
  }

  /** Resolves when the sidecar has answered, or did not in time. */
  release(leaseId: bigint, result: Result): Promise<void> {
    if (this.stream === undefined) return Promise.resolve(); // it was freed when the stream broke
    const id = ++this.lastId;
    return new Promise((resolve) => {
      const release = { id, resolve };
      this.releasing.set(id, release);
      this.releases.add(release);
      this.sendRelease(id, leaseId, result);
    });
  }

  /** Ends the stream: the sidecar frees what it holds. Resolves when that is done, or it did not answer in time. */
  async close(): Promise<void> {
    const stream = this.stream;
    if (stream === undefined) return;
    this.broken(stream);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.sidecar.graceMs);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      stream.once("end", done).once("error", done);
      stream.end();
    });
    stream.cancel();
  }

  private open(): void {
    if (this.stream !== undefined) return;
    const stream = this.sidecar.pool.hold();
    stream.on("data", (response: HoldResponse) => this.read(stream, response));
    stream.on("drain", () => this.writeOutbox());
    stream.on("error", () => this.broken(stream));
    stream.on("end", () => this.broken(stream));
    this.stream = stream;
  }

  private sendRelease(id: number, leaseId: bigint, result: Result): void {
    const wire = WIRE_RESULTS[knownResult(result, "ignored")];
    this.send(id, { release: { leaseId, result: wire, duration: undefined } });
  }

  private send(id: number, request: Omit<HoldRequest, "id">): void {
    this.outbox.set(id, { id: BigInt(id), ...request });
    this.writeOutbox();
  }

  private writeOutbox(): void {
    for (const [id, request] of this.outbox) {
      if (this.stream === undefined || this.stream.writableNeedDrain) return;
      this.outbox.delete(id);
      this.stream.write(request);
    }
  }

  private giveUp(id: number, settle: () => void): void {
    if (this.take(id) === undefined) return;
    if (!this.outbox.delete(id)) this.send(++this.lastId, { cancel: BigInt(id) });
    settle();
  }

  private take(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return undefined;
    this.waiting.delete(id);
    clearTimeout(waiting.timer);
    return waiting;
  }

  private read(stream: Stream, response: HoldResponse): void {
    const id = Number(response.id);
    if (response.acquired !== undefined) this.acquired(stream, id, response.acquired);
    else if (response.released !== undefined) this.released(id);
    else if (response.error !== undefined) this.refused(id, response.error.code, response.error.message);
    else if (response.lostLeaseId !== undefined) this.listener.lostLease(response.lostLeaseId);
  }

  private acquired(stream: Stream, id: number, answer: AcquireResponse): void {
    const waiting = this.take(id);
    if (waiting !== undefined) waiting.resolve({ answer, sentAt: waiting.sentAt });
    else if (answer.acquired && this.stream === stream) {
      this.sendRelease(++this.lastId, answer.leaseId, "ignored"); // too late: nobody's
    }
  }

  private released(id: number): void {
    const release = this.releasing.get(id);
    if (release === undefined) return;
    this.releasing.delete(id);
    this.releases.remove(release);
    release.resolve();
  }

  private refused(id: number, code: number, message: string): void {
    this.released(id);
    const waiting = this.take(id);
    const mistake = mistakeOf(code, message);
    if (mistake === undefined) waiting?.resolve(undefined);
    else waiting?.reject(mistake);
  }

  private broken(stream: Stream): void {
    if (this.stream !== stream) return;
    this.stream = undefined;
    this.outbox.clear();
    for (const id of [...this.waiting.keys()]) this.take(id)?.resolve(undefined);
    for (const id of [...this.releasing.keys()]) this.released(id);
    this.listener.lostAll();
  }
}

const WIRE_RESULTS: Readonly<Record<Result, WireResult>> = {
  success: WireResult.SUCCESS,
  failure: WireResult.FAILURE,
  ignored: WireResult.IGNORED,
};
