import { OutriggerError } from "../core/errors.js";
import type { Sidecar, Source } from "../core/sidecar.js";
import type { PartStats } from "../core/stats.js";
import type { Background } from "./background.js";
import { jsonCodec, type Codec } from "./codec.js";
import { ManyLoad, type LoadedMany, type ManyLoader } from "./load-many.js";
import { OneLoad, type Loaded, type Loader, type LoadOptions } from "./load-one.js";
import { Store, type StoreOptions } from "./store.js";
import type { Tokens } from "./tokens.js";

/** What a cache may be told besides its namespace. */
export interface CacheOptions<Value> {
  /** Unset: JSON. */
  codec?: Codec<Value>;
}

/** A key's value as it was found, without loading. */
export interface Lookup<Value> {
  /** There is a value. */
  readonly found: boolean;
  readonly value: Value | undefined;
  /** `fallback`: the sidecar did not answer. */
  readonly source: Source;
}

/** Whether something was done, and who says so. */
export interface Done {
  /** False: refused, there was nothing, or the sidecar did not answer. */
  readonly done: boolean;
  readonly source: Source;
}

/** What `invalidate` takes; at least one of keys, tags and glob. */
export interface Invalidation {
  /** At most 1,000. */
  keys?: readonly string[];
  /** At most 1,000. */
  tags?: readonly string[];
  /** Keys that match: `*` stands for any bytes, `?` for one. */
  glob?: string;
  /** Values become stale instead of unusable. */
  soft?: boolean;
  signal?: AbortSignal;
}

/** What `wrap` may be told. */
export interface WrapOptions<Arguments extends unknown[]> extends LoadOptions {
  /**
   * Begins each key; it tells functions that share a namespace apart. Unset: the function's name, which a minifier may
   * give to others too: set it in code that is minified.
   */
  prefix?: string;
  /** The key of these arguments, after the prefix and a colon. Unset: their JSON. */
  key?: (...args: Arguments) => string;
}

/**
 * One namespace of the fleet's cache. Made by `Outrigger.cache`; as many calls at a time as you like.
 *
 * No method throws because the sidecar is gone: then the loader is called, and its value is not stored. Keys have 1 to
 * 1,024 bytes. An OutriggerError is the caller's own mistake, such as a namespace that is not configured.
 */
export class Cache<Value> {
  private readonly sidecar: Sidecar;
  private readonly stats: PartStats;
  private readonly background: Background;
  private readonly store: Store<Value>;

  /** @internal */
  constructor(
    sidecar: Sidecar,
    stats: PartStats,
    background: Background,
    tokens: Tokens,
    namespace: string,
    options: CacheOptions<Value>,
  ) {
    this.sidecar = sidecar;
    this.stats = stats;
    this.background = background;
    this.store = new Store(sidecar, tokens, namespace, options.codec ?? jsonCodec());
  }

  /**
   * The key's value, or what the loader makes of it; undefined if there is none. In the whole fleet one caller loads a
   * missing key, and the others wait for it. A stale value is answered at once, and loaded anew in the background.
   * Rejects with what the loader throws.
   */
  async getOrLoad(key: string, loader: Loader<Value>, options: LoadOptions = {}): Promise<Value | undefined> {
    return (await this.getOrLoadDetailed(key, loader, options)).value;
  }

  /** `getOrLoad`, with where the value is from. */
  async getOrLoadDetailed(key: string, loader: Loader<Value>, options: LoadOptions = {}): Promise<Loaded<Value>> {
    this.begin();
    const load = new OneLoad(this.store, this.background, key, loader, options);
    return load.run().finally(() => this.counted(load));
  }

  /** Many keys at once: one call of the loader for those that nobody else loads. */
  async getOrLoadMany(
    keys: Iterable<string>,
    loader: ManyLoader<Value>,
    options: LoadOptions = {},
  ): Promise<Map<string, Value | undefined>> {
    return (await this.getOrLoadManyDetailed(keys, loader, options)).values;
  }

  /** `getOrLoadMany`, with what was loaded and where the values are from. */
  async getOrLoadManyDetailed(
    keys: Iterable<string>,
    loader: ManyLoader<Value>,
    options: LoadOptions = {},
  ): Promise<LoadedMany<Value>> {
    this.begin();
    const load = new ManyLoad(this.store, this.background, loader, options);
    return load.run(keys).finally(() => this.counted(load));
  }

  /**
   * The same function, with its values cached: `const profile = profiles.wrap(loadProfile, { prefix: "profile" })`. A
   * function that has no name needs a `prefix` or a `key`; without them it is INVALID_ARGUMENT.
   */
  wrap<Arguments extends unknown[]>(
    load: (...args: Arguments) => Value | undefined | null | Promise<Value | undefined | null>,
    options: WrapOptions<Arguments> = {},
  ): (...args: Arguments) => Promise<Value | undefined> {
    const prefix = options.prefix ?? load.name;
    if (prefix === "" && options.prefix === undefined && options.key === undefined) {
      throw new OutriggerError("INVALID_ARGUMENT", "prefix: must be set for a function that has no name");
    }
    const keyOf = options.key ?? ((...args: Arguments) => JSON.stringify(args));
    return async (...args) => this.getOrLoad(`${prefix}:${keyOf(...args)}`, () => load(...args), options);
  }

  /** What is there now, stale or not; nothing is loaded. */
  async get(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<Lookup<Value>> {
    this.begin();
    const found = await this.store.get(key, 0, signal, true);
    const value = found?.value;
    return this.counted({ found: value !== undefined, value, source: sourceOf(found) });
  }

  /** Stores a value, or with undefined that there is none. Loads that are under way are refused. */
  async set(
    key: string,
    value: Value | undefined,
    options: StoreOptions & { signal?: AbortSignal } = {},
  ): Promise<Done> {
    this.begin();
    const stored = await this.store.set(this.store.setRequest(key, value, undefined, options), options.signal);
    return this.counted({ done: stored ?? false, source: sourceOf(stored) });
  }

  /** Removes one key. */
  async delete(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<Done> {
    this.begin();
    const client = this.sidecar.cache;
    const request = { namespace: this.store.namespace, key, ifVersion: 0n };
    const answer = await this.sidecar.ask(client, client.delete, request, { signal });
    return this.counted({ done: answer?.deleted ?? false, source: sourceOf(answer) });
  }

  /** Makes values unusable, or stale: by key, by tag, or by a glob of keys. */
  async invalidate({ keys = [], tags = [], glob = "", soft = false, signal }: Invalidation): Promise<Done> {
    this.begin();
    const client = this.sidecar.cache;
    const request = { namespace: this.store.namespace, keys: [...keys], tags: [...tags], glob, soft };
    const answer = await this.sidecar.ask(client, client.invalidate, request, { signal });
    return this.counted({ done: answer !== undefined, source: sourceOf(answer) });
  }

  private begin(): void {
    this.sidecar.checkOpen();
    this.stats.calls++;
  }

  private counted<Answer extends { readonly source: Source }>(answer: Answer): Answer {
    if (answer.source === "fallback") this.stats.fallbacks++;
    return answer;
  }
}

function sourceOf(answer: unknown): Source {
  return answer === undefined ? "fallback" : "sidecar";
}
