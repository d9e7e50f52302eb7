import { textCodec, type Cache, type Outrigger } from "../src/index.js";
import { given, type Args } from "./agent.js";
import { Loads, type Holds, type LoaderPlan } from "./loads.js";

/** The ops of caches. */
export class Caches {
  private readonly client: () => Outrigger;
  private readonly loads: Loads;

  constructor(client: () => Outrigger, holds: Holds) {
    this.client = client;
    this.loads = new Loads(holds);
  }

  readonly ops = {
    get_or_load: async ({ namespace, key, loader, ...args }: Args) => {
      const load = (): Promise<string | undefined> => this.loads.run(namespace, key, loader as LoaderPlan);
      const { value, loaded, source } = await this.cache(namespace).getOrLoadDetailed(key, load, optionsOf(args));
      return { value: value ?? null, loaded, source };
    },
    get_or_load_many: (args: Args) => this.loadMany(args),
    loads: ({ namespace, key }: Args) => ({ count: this.loads.count(namespace, key) }),
    cache_get: async ({ namespace, key }: Args) => {
      const { found, value } = await this.cache(namespace).get(key);
      return { found, value: value ?? null };
    },
    cache_set: async ({ namespace, key, value, ...args }: Args) => {
      const { done, source } = await this.cache(namespace).set(key, value, optionsOf(args));
      return { stored: done, source };
    },
    cache_delete: async ({ namespace, key }: Args) => ({ deleted: (await this.cache(namespace).delete(key)).done }),
    cache_invalidate: async ({ namespace, keys, tags, glob, soft }: Args) => {
      await this.cache(namespace).invalidate(given({ keys, tags, glob, soft }));
    },
  };

  private cache(namespace: string): Cache<string> {
    return this.client().cache(namespace, { codec: textCodec });
  }

  private async loadMany({ namespace, keys, loader }: Args): Promise<unknown> {
    const called: string[] = [];
    const values = await this.cache(namespace).getOrLoadMany(keys, (missing) => {
      called.push(...missing);
      return loader.values as Record<string, string>;
    });
    return {
      values: Object.fromEntries([...values].map(([key, value]) => [key, value ?? null])),
      loaded: called.sort(),
    };
  }
}

function optionsOf({ ttl_ms, stale_for_ms, tags, max_wait_ms }: Args): Args {
  return given({ ttlMs: ttl_ms, staleForMs: stale_for_ms, tags, maxWaitMs: max_wait_ms });
}
