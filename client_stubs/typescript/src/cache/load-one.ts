import type { Source } from "../core/sidecar.js";
import type { Background } from "./background.js";
import type { Found, Store, StoreOptions } from "./store.js";

/** Loads one key's value. Undefined or null: there is none, and that is remembered. */
export type Loader<Value> = () => Value | undefined | null | Promise<Value | undefined | null>;

/** What `getOrLoad` may be told besides the key and its loader. */
export interface LoadOptions extends StoreOptions {
  /** How long to wait while another loads, milliseconds, at most an hour. Unset: 5 s. */
  maxWaitMs?: number;
  /** The caller's own end of patience, while the sidecar is waited for: rejects with its reason. */
  signal?: AbortSignal;
}

/** A value, and where it is from. */
export interface Loaded<Value> {
  /** Undefined: there is none. */
  readonly value: Value | undefined;
  /** This call ran the loader before it answered. */
  readonly loaded: boolean;
  /** `fallback`: the sidecar did not answer, so the loader was called and nothing was stored. */
  readonly source: Source;
}

/** Reads one key, or loads it: once in the whole fleet. */
export class OneLoad<Value> {
  private readonly store: Store<Value>;
  private readonly background: Background;
  private readonly key: string;
  private readonly loader: Loader<Value>;
  private readonly options: LoadOptions;
  /** Where the answer is from, or would have been if the loader had not thrown. */
  source: Source = "sidecar";

  constructor(store: Store<Value>, background: Background, key: string, loader: Loader<Value>, options: LoadOptions) {
    this.store = store;
    this.background = background;
    this.key = key;
    this.loader = loader;
    this.options = options;
  }

  async run(): Promise<Loaded<Value>> {
    const found = await this.store.get(this.key, 0, this.options.signal);
    if (found !== undefined && !found.usable && !found.garbled && found.token === undefined) {
      return this.afterOthers();
    }
    return this.use(found);
  }

  /** Another loads it: waits for that, and loads if nothing comes of it. */
  async afterOthers(): Promise<Loaded<Value>> {
    return this.use(await this.store.get(this.key, this.options.maxWaitMs ?? 5000, this.options.signal));
  }

  private async use(found: Found<Value> | undefined): Promise<Loaded<Value>> {
    this.source = found === undefined ? "fallback" : "sidecar";
    if (found === undefined) return this.loadOnly();
    if (found.usable) {
      if (found.token !== undefined) this.refresh(found.token);
      return { value: found.value, loaded: false, source: "sidecar" };
    }
    if (found.token === undefined) return this.loadOnly();
    return { value: await this.loadAndStore(found.token), loaded: true, source: "sidecar" };
  }

  private refresh(token: Buffer): void {
    if (!this.background.tryRun(() => this.loadAndStore(token))) this.store.abandon(token);
  }

  private async loadOnly(): Promise<Loaded<Value>> {
    return { value: (await this.loader()) ?? undefined, loaded: true, source: this.source };
  }

  private async loadAndStore(token: Buffer): Promise<Value | undefined> {
    let value: Value | undefined;
    try {
      value = (await this.loader()) ?? undefined;
    } catch (error) {
      this.store.abandon(token);
      throw error;
    }
    await this.tryStore(value, token);
    return value;
  }

  // That it could not be stored is not the caller's concern; others shall not wait for it.
  private async tryStore(value: Value | undefined, token: Buffer): Promise<void> {
    try {
      const stored = await this.store.set(this.store.setRequest(this.key, value, token, this.options));
      if (stored === undefined) this.store.abandon(token);
    } catch {
      this.store.abandon(token);
    }
  }
}
