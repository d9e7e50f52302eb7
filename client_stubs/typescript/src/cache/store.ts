import { Status, type GetManyResponse, type GetRequest, type GetResponse, type SetRequest } from "../gen/outrigger/cache/v1/cache.js";
import { fromMs, fromOptionalMs } from "../core/durations.js";
import type { Sidecar } from "../core/sidecar.js";
import type { Codec } from "./codec.js";
import type { Tokens } from "./tokens.js";

/** Times and tags of values that are stored. */
export interface StoreOptions {
  /** How long a value is fresh, milliseconds, 1 to 30 days. Unset: the namespace's. */
  ttlMs?: number;
  /** How long after that it may be served stale, milliseconds. Unset: the namespace's. */
  staleForMs?: number;
  /** Names under which it can be invalidated together with others; at most 16, each 1 to 128 bytes. */
  tags?: readonly string[];
}

/** What Get told of a key, decoded. */
export interface Found<Value> {
  /** There is a value, or it is known that there is none (then `value` is undefined). */
  readonly usable: boolean;
  readonly value: Value | undefined;
  /** The right to load it; undefined: this caller has not got it. */
  readonly token: Buffer | undefined;
  /** A value was there that the codec does not understand. */
  readonly garbled: boolean;
}

/** One namespace's keys, values and tokens, as its RPCs have them. */
export class Store<Value> {
  readonly namespace: string;
  private readonly sidecar: Sidecar;
  private readonly tokens: Tokens;
  private readonly codec: Codec<Value>;

  constructor(sidecar: Sidecar, tokens: Tokens, namespace: string, codec: Codec<Value>) {
    this.sidecar = sidecar;
    this.tokens = tokens;
    this.namespace = namespace;
    this.codec = codec;
  }

  /** Undefined: no answer. */
  async get(key: string, maxWaitMs: number, signal?: AbortSignal, noFill = false): Promise<Found<Value> | undefined> {
    const client = this.sidecar.cache;
    const request = this.getRequest(key, maxWaitMs, noFill);
    // One that waits is cancelled, so that the sidecar does not wait for nobody.
    const late = noFill || maxWaitMs > 0 ? undefined : (answer: GetResponse) => this.giveBack([key], [answer]);
    const answer = await this.sidecar.ask(client, client.get, request, { waitMs: maxWaitMs, signal, late });
    return answer === undefined ? undefined : this.foundIn(key, answer);
  }

  /** At most 1,000 keys; answers in their order. Undefined: no answer. */
  async getMany(keys: readonly string[], signal?: AbortSignal): Promise<Found<Value>[] | undefined> {
    const client = this.sidecar.cache;
    const requests = keys.map((key) => this.getRequest(key, 0, false));
    const late = (answer: GetManyResponse): void => this.giveBack(keys, answer.responses);
    const answer = await this.sidecar.ask(client, client.getMany, { requests }, { signal, late });
    return answer?.responses.map((response, index) => this.foundIn(keys[index] as string, response));
  }

  /**
   * What stores a value, or with undefined that there is none. One that a loader found (with a token) is remembered as
   * long as the namespace says, not as long as a value. Throws what the codec or a bad option throws.
   */
  setRequest(key: string, value: Value | undefined, token: Buffer | undefined, options: StoreOptions): SetRequest {
    const absent = value === undefined || value === null;
    const times: StoreOptions = absent && token !== undefined ? {} : options;
    return {
      namespace: this.namespace,
      key,
      value: absent ? Buffer.alloc(0) : asBuffer(this.codec.encode(value)),
      ttl: fromOptionalMs("ttlMs", times.ttlMs),
      staleFor: fromOptionalMs("staleForMs", times.staleForMs),
      tags: options.tags === undefined ? [] : [...options.tags],
      fillToken: token,
      absent,
      writeBehind: false,
    };
  }

  /** Undefined: no answer. */
  async set(request: SetRequest, signal?: AbortSignal): Promise<boolean | undefined> {
    const client = this.sidecar.cache;
    const answer = await this.sidecar.ask(client, client.set, request, { signal });
    if (answer !== undefined) this.used([request]);
    return answer?.stored;
  }

  /** At most 1,000 requests; whether each was stored. Undefined: no answer. */
  async setMany(requests: SetRequest[]): Promise<boolean[] | undefined> {
    const client = this.sidecar.cache;
    const answer = await this.sidecar.ask(client, client.setMany, { requests });
    if (answer !== undefined) this.used(requests);
    return answer?.responses.map((response) => response.stored);
  }

  /** Gives a token back in the background. */
  abandon(token: Buffer): void {
    this.tokens.giveBack(token);
  }

  private used(requests: readonly SetRequest[]): void {
    for (const { fillToken } of requests) if (fillToken !== undefined) this.tokens.used(fillToken);
  }

  // Of answers whose caller has gone.
  private giveBack(keys: readonly string[], answers: readonly GetResponse[]): void {
    for (const [index, answer] of answers.entries()) {
      const token = this.tokenIn(keys[index] as string, answer);
      if (token !== undefined) this.abandon(token);
    }
  }

  private tokenIn(key: string, { fillToken }: GetResponse): Buffer | undefined {
    if (fillToken.length === 0) return undefined;
    this.tokens.hold(this.namespace, key, fillToken);
    return fillToken;
  }

  private getRequest(key: string, maxWaitMs: number, noFill: boolean): GetRequest {
    return {
      namespace: this.namespace,
      key,
      ifNotVersion: 0n,
      minVersion: 0n,
      maxWait: fromMs("maxWaitMs", maxWaitMs),
      noFill,
    };
  }

  private foundIn(key: string, answer: GetResponse): Found<Value> {
    const token = this.tokenIn(key, answer);
    switch (answer.status) {
      case Status.HIT:
      case Status.STALE:
        try {
          return { usable: true, value: this.codec.decode(answer.value), token, garbled: false };
        } catch {
          return { usable: false, value: undefined, token, garbled: true };
        }
      case Status.ABSENT:
        return { usable: true, value: undefined, token, garbled: false };
      default:
        return { usable: false, value: undefined, token, garbled: false };
    }
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
