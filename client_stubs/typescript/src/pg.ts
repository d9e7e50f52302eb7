/** Caps a node-postgres pool by the fleet's: each physical connection holds a lease. */
import type { Socket } from "node:net";
import { dirname } from "node:path";
import pg from "pg";
import type { Lease } from "./pool/lease.js";
import type { AcquireOptions, Pool } from "./pool/pool.js";

type Connected = (error: Error | null | undefined, client?: pg.Client) => void;

// What pg's types leave out.
interface Inside {
  host: string;
  port: number;
  connectionParameters: { host: string; port: number };
  connection: { stream: Socket };
}

/**
 * A pg.Client whose connection holds a lease of `pool`: taken before it connects, given back after it has closed.
 *
 * ```ts
 * const db = new pg.Pool({ max: 20, Client: leasedClient(outrigger.pool("orders")) });
 * db.on("error", (error) => console.error(error));   // an idle connection broke, or lost its lease
 * ```
 *
 * It connects to the lease's endpoint, if that pool has any. A connection whose lease is lost is closed, so pg.Pool does
 * not use it again. Connecting rejects with NotAcquiredError if there is no slot.
 */
export function leasedClient(pool: Pool, options: Omit<AcquireOptions, "signal"> = {}): typeof pg.Client {
  return class LeasedClient extends pg.Client {
    readonly #gone = new AbortController();

    override connect(): Promise<pg.Client>;
    override connect(connected: Connected): void;
    override connect(connected?: Connected): Promise<pg.Client> | void {
      const done = this.#connect();
      if (connected === undefined) return done;
      done.then((client) => connected(null, client), (error: Error) => connected(error));
    }

    override end(): Promise<void>;
    override end(ended: (error: Error) => void): void;
    override end(ended?: (error: Error) => void): Promise<void> | void {
      this.#gone.abort(new Error("the client was ended while it waited for its lease"));
      return ended === undefined ? super.end() : super.end(ended);
    }

    async #connect(): Promise<this> {
      const inside = this as unknown as Inside;
      const { stream } = inside.connection;
      // pg.Pool gives up waiting by destroying the socket.
      stream.once("close", () => this.#gone.abort(new Error("the connection was closed while it waited for its lease")));
      const lease = await pool.acquire({ ...options, signal: this.#gone.signal });
      if (this.#gone.signal.aborted) {
        await lease.release();
        throw this.#gone.signal.reason;
      }
      let connected = false;
      this.once("end", () => void lease.release(connected ? "success" : "failure"));
      aim(inside, lease);
      lease.onLost(() => inside.connection.stream.destroy());
      await super.connect();
      connected = true;
      return this;
    }
  };
}

// At the lease's endpoint.
function aim(client: Inside, lease: Lease): void {
  const address = lease.endpoint?.address;
  if (address === undefined) return;
  const { host, port } = addressOf(address, client.port);
  client.host = client.connectionParameters.host = host;
  client.port = client.connectionParameters.port = port;
}

function addressOf(address: string, usualPort: number): { host: string; port: number } {
  if (address.startsWith("unix:")) {
    const path = address.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    const port = /\.s\.PGSQL\.(\d+)$/.exec(path)?.[1];
    return port === undefined ? { host: path, port: usualPort } : { host: dirname(path), port: Number(port) };
  }
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)) };
}
