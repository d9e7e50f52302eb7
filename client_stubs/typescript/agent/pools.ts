import { connect, NotAcquiredError, type Lease, type Outrigger } from "../src/index.js";
import { given, type Args } from "./agent.js";

const AT_ONCE = 32;

/** The ops of pools. */
export class Pools {
  private readonly client: () => Outrigger;
  private readonly leases = new Map<string, Lease>();

  constructor(client: () => Outrigger) {
    this.client = client;
  }

  readonly ops = {
    acquire: (args: Args) => this.acquire(args),
    release: async ({ as, result }: Args) => {
      await this.leases.get(as)?.release(result);
    },
    lease: ({ as }: Args) => ({ lost: this.leases.get(as)?.lost ?? false }),
    with_lease: (args: Args) => this.scoped(args),
    cycle_leases: (args: Args) => this.cycle(args),
  };

  private async acquire({ pool, max_wait_ms, role, session_key, as }: Args): Promise<unknown> {
    try {
      const options = given({ maxWaitMs: max_wait_ms, role: role?.toLowerCase(), sessionKey: session_key });
      const lease = await this.client().pool(pool).acquire(options);
      if (as !== undefined) this.leases.set(as, lease);
      const { endpoint, fencingToken, overflow, source } = lease;
      return {
        acquired: true,
        endpoint: endpoint?.address ?? null,
        fencing_token: String(fencingToken),
        overflow,
        source,
      };
    } catch (error) {
      return refusalOf(error);
    }
  }

  private async scoped({ pool, fail }: Args): Promise<unknown> {
    try {
      await this.client().pool(pool).with(() => {
        if (fail) throw new BodyError();
      });
      return { acquired: true, threw: false };
    } catch (error) {
      return error instanceof BodyError ? { acquired: true, threw: true } : { ...refusalOf(error), threw: false };
    }
  }

  private async cycle({ pool, count }: Args): Promise<unknown> {
    let left = count as number;
    let acquired = 0;
    const one = async (): Promise<void> => {
      while (left-- > 0) {
        await using _lease = await this.client().pool(pool).acquire();
        acquired++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    collectGarbage();
    return { acquired, pending: this.client().pending().pool };
  }
}

/** Makes, uses and closes so many clients, one after the other. */
export async function cycleClients(count: number): Promise<unknown> {
  for (let i = 0; i < count; i++) {
    await using outrigger = connect();
    await outrigger.limiter.allow({ bench: "cycle" });
    await outrigger.pool("wide").with(() => undefined);
    await outrigger.breaker("bench").call(() => undefined);
  }
  collectGarbage();
  return { done: count };
}

// So that the process' size tells what is kept, not what nobody has collected yet.
function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

class BodyError extends Error {}

function refusalOf(error: unknown): object {
  if (!(error instanceof NotAcquiredError)) throw error;
  const { reason, advice, retryAfterMs, source } = error;
  return { acquired: false, reason, advice, retry_after_ms: retryAfterMs, source };
}
