import type { ClientReadableStream } from "@grpc/grpc-js";
import type { WatchResponse } from "../gen/outrigger/breaker/v1/breaker.js";
import { clockMs } from "../core/clock.js";
import type { Sidecar } from "../core/sidecar.js";
import { BreakerStates } from "./states.js";

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1000;

/**
 * What the sidecar tells of all breakers, on one stream that is opened again whenever it ends. Its timer does not keep
 * the process alive.
 */
export class Watch {
  private readonly sidecar: Sidecar;
  private readonly breakers = new Map<string, BreakerStates>();
  private stream: ClientReadableStream<WatchResponse> | undefined;
  private again: NodeJS.Timeout | undefined;
  private waitMs = FIRST_WAIT_MS;
  /** For Acquire: probes acquired with it come back when the stream ends. 0: none. */
  session = 0n;

  constructor(sidecar: Sidecar) {
    this.sidecar = sidecar;
  }

  /** Opens the stream, unless it is open or will be soon. */
  start(): void {
    if (this.stream === undefined && this.again === undefined && !this.sidecar.closed) this.open();
  }

  /** One breaker's states, now and in future. */
  of(breaker: string): BreakerStates {
    let states = this.breakers.get(breaker);
    if (states === undefined) this.breakers.set(breaker, (states = new BreakerStates()));
    return states;
  }

  close(): void {
    clearTimeout(this.again);
    const stream = this.stream;
    this.stream = undefined;
    this.forget();
    stream?.cancel();
  }

  private open(): void {
    this.again = undefined;
    const stream = this.sidecar.breaker.watch({ breakers: [] });
    this.stream = stream;
    stream.on("data", (response: WatchResponse) => this.hear(stream, response));
    stream.on("error", () => this.ended(stream));
    stream.on("end", () => this.ended(stream));
  }

  private hear(stream: ClientReadableStream<WatchResponse>, response: WatchResponse): void {
    if (this.stream !== stream) return; // closed
    this.waitMs = FIRST_WAIT_MS;
    if (response.session !== 0n) this.session = response.session;
    if (response.breaker === "") {
      for (const states of this.breakers.values()) states.forget();
    } else {
      this.of(response.breaker).hear(response, clockMs());
    }
  }

  private ended(stream: ClientReadableStream<WatchResponse>): void {
    if (this.stream !== stream) return; // closed, or heard before
    this.stream = undefined;
    this.forget();
    this.again = setTimeout(() => this.open(), this.waitMs);
    this.again.unref();
    this.waitMs = Math.min(2 * this.waitMs, LONGEST_WAIT_MS);
  }

  private forget(): void {
    this.session = 0n;
    for (const states of this.breakers.values()) states.forget();
  }
}
