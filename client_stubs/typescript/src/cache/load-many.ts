import type { SetRequest } from "../gen/outrigger/cache/v1/cache.js";
import { OutriggerError } from "../core/errors.js";
import type { Source } from "../core/sidecar.js";
import type { Background } from "./background.js";
import { OneLoad, type LoadOptions } from "./load-one.js";
import type { Found, Store } from "./store.js";

const MOST_KEYS = 1000; // of one message
const MOST_BYTES = 4 * 1024 * 1024; // of one message's values: the sidecar takes 9 MiB, with keys and tags

/** Values by key: a Map or a plain object. */
export type ValuesByKey<Value> =
  | ReadonlyMap<string, Value | undefined | null>
  | Readonly<Record<string, Value | undefined | null>>;

/** Loads many keys' values at once. A key that it leaves out has none, and that is remembered. */
export type ManyLoader<Value> = (keys: string[]) => ValuesByKey<Value> | Promise<ValuesByKey<Value>>;

/** Many values, and where they are from. */
export interface LoadedMany<Value> {
  /** Of each key that was asked for; undefined: there is none. */
  readonly values: Map<string, Value | undefined>;
  /** Keys that the loader was called with before the answer, in no order. */
  readonly loaded: string[];
  /** `fallback`: the sidecar did not answer for some of them, so the loader was called and nothing was stored. */
  readonly source: Source;
}

interface Right {
  readonly key: string;
  readonly token: Buffer;
}

interface Fill {
  readonly right: Right;
  readonly request: SetRequest;
}

/** Reads many keys; loads, in one call, those that nobody else does. */
export class ManyLoad<Value> {
  private readonly store: Store<Value>;
  private readonly background: Background;
  private readonly loader: ManyLoader<Value>;
  private readonly options: LoadOptions;
  private readonly values = new Map<string, Value | undefined>();
  private readonly loaded: string[] = [];
  /** Where the answer is from, or would have been if the loader had not thrown. */
  source: Source = "sidecar";
  private readonly mine: Right[] = []; // to load and to store
  private readonly unstored: string[] = []; // to load alone
  private readonly others: string[] = []; // that others load
  private readonly stale: Right[] = []; // to load in the background

  constructor(store: Store<Value>, background: Background, loader: ManyLoader<Value>, options: LoadOptions) {
    this.store = store;
    this.background = background;
    this.loader = loader;
    this.options = options;
  }

  async run(keys: Iterable<string>): Promise<LoadedMany<Value>> {
    const all = [...new Set(keys)];
    try {
      for (let i = 0; i < all.length; i += MOST_KEYS) await this.look(all.slice(i, i + MOST_KEYS));
    } catch (error) {
      this.abandon([...this.mine, ...this.stale]);
      throw error;
    }
    this.refresh();
    await this.load();
    await Promise.all(this.others.map((key) => this.awaitOthers(key)));
    // In the order asked for.
    return { values: new Map(all.map((key) => [key, this.values.get(key)])), loaded: this.loaded, source: this.source };
  }

  private async look(keys: string[]): Promise<void> {
    const answers = await this.store.getMany(keys, this.options.signal);
    if (answers === undefined) this.source = "fallback";
    for (const [index, key] of keys.entries()) this.sort(key, answers?.[index]);
  }

  private sort(key: string, found: Found<Value> | undefined): void {
    if (found === undefined) {
      this.unstored.push(key);
    } else if (found.usable) {
      this.values.set(key, found.value);
      if (found.token !== undefined) this.stale.push({ key, token: found.token });
    } else if (found.token !== undefined) {
      this.mine.push({ key, token: found.token });
    } else {
      (found.garbled ? this.unstored : this.others).push(key);
    }
  }

  private refresh(): void {
    const rights = this.stale;
    if (rights.length === 0) return;
    const work = async (): Promise<void> => {
      const values = await this.callLoader(rights.map((right) => right.key), rights);
      await this.storeAll(rights, values);
    };
    if (!this.background.tryRun(work)) this.abandon(rights);
  }

  private async load(): Promise<void> {
    const keys = [...this.mine.map((right) => right.key), ...this.unstored];
    if (keys.length === 0) return;
    this.loaded.push(...keys);
    const values = await this.callLoader(keys, this.mine);
    for (const key of keys) this.values.set(key, values.get(key) ?? undefined);
    await this.storeAll(this.mine, values);
  }

  private async awaitOthers(key: string): Promise<void> {
    const loader = async (): Promise<Value | undefined | null> => {
      this.loaded.push(key);
      return asMap(await this.loader([key])).get(key);
    };
    const answer = await new OneLoad(this.store, this.background, key, loader, this.options).afterOthers();
    if (answer.source === "fallback") this.source = "fallback";
    this.values.set(key, answer.value);
  }

  private async callLoader(
    keys: string[],
    rights: readonly Right[],
  ): Promise<ReadonlyMap<string, Value | undefined | null>> {
    try {
      return asMap(await this.loader(keys));
    } catch (error) {
      this.abandon(rights);
      throw error;
    }
  }

  private async storeAll(rights: Right[], values: ReadonlyMap<string, Value | undefined | null>): Promise<void> {
    for (const fills of this.chunksOf(rights, values)) {
      try {
        const stored = await this.store.setMany(fills.map((fill) => fill.request));
        if (stored === undefined) this.giveUp(fills);
      } catch (error) {
        if (error instanceof OutriggerError && error.code === "INVALID_ARGUMENT") await this.storeApart(fills);
        else this.giveUp(fills);
      }
    }
  }

  // One value that is refused, such as one too large, shall not take the others with it: none was stored.
  private async storeApart(fills: readonly Fill[]): Promise<void> {
    for (const [index, fill] of fills.entries()) {
      try {
        if ((await this.store.set(fill.request)) === undefined) return this.giveUp(fills.slice(index));
      } catch {
        this.giveUp([fill]);
      }
    }
  }

  // Messages that are neither too long nor too large. What cannot be encoded is given up.
  private *chunksOf(rights: Right[], values: ReadonlyMap<string, Value | undefined | null>): Generator<Fill[]> {
    let fills: Fill[] = [];
    let bytes = 0;
    for (const right of rights) {
      const request = this.requestOf(right, values.get(right.key) ?? undefined);
      if (request === undefined) continue;
      const full = fills.length === MOST_KEYS || bytes + request.value.length > MOST_BYTES;
      if (full && fills.length > 0) {
        yield fills;
        fills = [];
        bytes = 0;
      }
      fills.push({ right, request });
      bytes += request.value.length;
    }
    if (fills.length > 0) yield fills;
  }

  private giveUp(fills: readonly Fill[]): void {
    this.abandon(fills.map((fill) => fill.right));
  }

  private requestOf({ key, token }: Right, value: Value | undefined): SetRequest | undefined {
    try {
      return this.store.setRequest(key, value, token, this.options);
    } catch {
      this.store.abandon(token);
      return undefined;
    }
  }

  private abandon(rights: readonly Right[]): void {
    for (const { token } of rights) this.store.abandon(token);
  }
}

function asMap<Value>(values: ValuesByKey<Value>): ReadonlyMap<string, Value | undefined | null> {
  return values instanceof Map ? values : new Map(Object.entries(values));
}
