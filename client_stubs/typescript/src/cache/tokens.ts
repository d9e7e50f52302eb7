import type { AbandonRequest } from "../gen/outrigger/cache/v1/cache.js";
import type { Sidecar } from "../core/sidecar.js";

/** The rights to load that a client has got, until they are used or given back. */
export class Tokens {
  private readonly sidecar: Sidecar;
  private readonly held = new Map<Buffer, AbandonRequest>();
  private readonly underWay = new Set<Promise<unknown>>();
  private closed = false;

  constructor(sidecar: Sidecar) {
    this.sidecar = sidecar;
  }

  /** From now on `token` is held; given back at once after `close`. */
  hold(namespace: string, key: string, token: Buffer): void {
    this.held.set(token, { namespace, key, fillToken: token });
    if (this.closed) this.giveBack(token);
  }

  /** It is not to be given back any more. */
  used(token: Buffer): void {
    this.held.delete(token);
  }

  /** In the background, so that others may load; does nothing if it was used or given back before. */
  giveBack(token: Buffer): void {
    const request = this.held.get(token);
    if (request === undefined) return;
    this.held.delete(token);
    const client = this.sidecar.cache;
    const asked = this.sidecar.ask(client, client.abandon, request).catch(() => undefined); // it lapses by itself
    const done: Promise<unknown> = asked.finally(() => this.underWay.delete(done));
    this.underWay.add(done);
  }

  /** Gives back all; resolves when that is done. */
  async close(): Promise<void> {
    this.closed = true;
    for (const token of [...this.held.keys()]) this.giveBack(token);
    await Promise.all(this.underWay);
  }
}
