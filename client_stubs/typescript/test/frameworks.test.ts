import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import {
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerInterceptor,
  type ServerUnaryCall,
  type ServiceError,
} from "@grpc/grpc-js";
import express from "express";
import { breakerInterceptor, connect, rateLimit, rateLimitCalls } from "../src/index.js";
import {
  RateLimiterClient,
  RateLimiterService,
  RefundRequest,
  type RefundResponse,
} from "../src/gen/outrigger/ratelimit/v1/rate_limiter.js";
import { OwnSidecar } from "./support/own-sidecar.js";
import { until } from "./support/until.js";

async function withHttp(listener: RequestListener, body: (url: string) => Promise<void>): Promise<void> {
  const server: HttpServer = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("Express", () => {
  it("answers 429 with headers, which admitted answers have as well", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const app = express();
    app.use(rateLimit<express.Request>(outrigger.limiter, {
      attributes: (request) => (request.path === "/free" ? undefined : { user: request.get("x-user") ?? "nobody" }),
      cost: () => 6,
    }));
    app.get(["/", "/free"], (_request, response) => void response.send("hello"));
    await withHttp(app, async (url) => {
      const headers = { "x-user": randomUUID() };
      const first = await fetch(url, { headers });
      assert.deepEqual([first.status, await first.text()], [200, "hello"]);
      assert.match(first.headers.get("ratelimit") ?? "", /^"per_user";r=4;t=\d+$/);
      assert.equal(first.headers.get("ratelimit-policy"), '"per_user";q=10;w=3600');
      assert.equal(first.headers.get("retry-after"), null);
      const second = await fetch(url, { headers });
      assert.equal(second.status, 429);
      assert.match(second.headers.get("retry-after") ?? "", /^\d+$/);
      assert.match(await second.text(), /Too many/);
      const free = await fetch(`${url}free`, { headers });
      assert.deepEqual([free.status, free.headers.get("ratelimit")], [200, null]);
    });
  });

  it("hands mistakes to the application's error handler", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const app = express();
    app.use(rateLimit(outrigger.limiter, { attributes: () => ({}), limit: "nobody" }));
    app.use(((error: Error, _request, response, _next) => {
      response.status(500).send(error.message);
    }) as express.ErrorRequestHandler);
    await withHttp(app, async (url) => {
      const answer = await fetch(url);
      assert.equal(answer.status, 500);
      assert.match(await answer.text(), /nobody/);
    });
  });

  it("hands it what the answer to a denial throws", async () => {
    await using outrigger = connect({ target: "unix:/nonexistent/o.sock", limits: { onUnavailable: "deny" } });
    const oh = () => { throw new Error("oh"); };
    for (const denied of [oh, async () => oh()]) {
      const app = express().use(rateLimit(outrigger.limiter, { attributes: () => ({ user: "1" }), denied }));
      app.use(((error: Error, _request, response, _next) => {
        response.status(500).send(error.message);
      }) as express.ErrorRequestHandler);
      await withHttp(app, async (url) => {
        const answer = await fetch(url);
        assert.deepEqual([answer.status, await answer.text()], [500, "oh"]);
      });
    }
  });

  it("is only told when to come back by a fallback", async () => {
    await using outrigger = connect({ target: "unix:/nonexistent/o.sock", limits: { onUnavailable: "deny" } });
    const app = express().use(rateLimit(outrigger.limiter, { attributes: () => ({ user: "1" }) }));
    await withHttp(app, async (url) => {
      const answer = await fetch(url);
      assert.deepEqual([answer.status, answer.headers.get("retry-after"), answer.headers.get("ratelimit")], [429, "1", null]);
    });
  });
});

describe("node:http alone", () => {
  it("has the same middleware", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const limited = rateLimit(outrigger.limiter, {
      attributes: async () => ({ user: "http" }),
      cost: () => 11,
      denied: (_request, response, decision) => response.end(`by ${decision.limit}`),
    });
    await withHttp((request, response) => limited(request, response, () => response.end()), async (url) => {
      const answer = await fetch(url);
      assert.deepEqual([answer.status, await answer.text()], [429, "by per_user"]);
    });
  });
});

type Handler = (call: ServerUnaryCall<RefundRequest, RefundResponse>, callback: sendUnaryData<RefundResponse>) => void;

/** A gRPC service of somebody's; which one does not matter. */
async function withGrpc(
  interceptors: ServerInterceptor[],
  refund: Handler,
  body: (target: string) => Promise<void>,
): Promise<void> {
  const server = new Server({ interceptors });
  server.addService(RateLimiterService, { refund });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  try {
    await body(`127.0.0.1:${port}`);
  } finally {
    server.forceShutdown();
  }
}

interface Ended {
  error: ServiceError | null;
  headers: Metadata | undefined;
}

function call(client: RateLimiterClient, user: string): Promise<Ended> {
  return new Promise((resolve) => {
    const metadata = new Metadata();
    metadata.set("x-user", user);
    let headers: Metadata | undefined;
    client
      .refund(RefundRequest.create(), metadata, (error) => resolve({ error, headers }))
      .on("metadata", (received) => (headers = received));
  });
}

const fine: Handler = (_call, callback) => callback(null, {});

describe("a gRPC server", () => {
  const user = ({ metadata }: { metadata: Metadata }): string => String(metadata.get("x-user")[0]);

  it("answers RESOURCE_EXHAUSTED with metadata, which admitted calls have as well", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const paths: string[] = [];
    const limited = rateLimitCalls(outrigger.limiter, {
      attributes: (received) => {
        paths.push(received.path);
        return user(received) === "free" ? undefined : { user: user(received) };
      },
      cost: () => 6,
    });
    await withGrpc([limited], fine, async (target) => {
      const client = new RateLimiterClient(target, credentials.createInsecure());
      const name = randomUUID();
      const first = await call(client, name);
      assert.equal(first.error, null);
      assert.match(String(first.headers?.get("ratelimit")), /^"per_user";r=4;t=\d+$/);
      const second = await call(client, name);
      assert.equal(second.error?.code, status.RESOURCE_EXHAUSTED);
      assert.match(String(second.error?.metadata.get("retry-after")), /^\d+$/);
      const free = await call(client, "free");
      assert.deepEqual([free.error, free.headers?.get("ratelimit")], [null, []]);
      assert.equal(paths[0], "/outrigger.ratelimit.v1.RateLimiter/Refund");
      client.close();
    });
  });

  it("tells a mistake as INTERNAL", async () => {
    await using outrigger = connect({ timeoutMs: 5000 });
    const limited = rateLimitCalls(outrigger.limiter, { attributes: () => ({}), limit: "nobody" });
    await withGrpc([limited], fine, async (target) => {
      const client = new RateLimiterClient(target, credentials.createInsecure());
      assert.equal((await call(client, "1")).error?.code, status.INTERNAL);
      client.close();
    });
  });
});

describe("a gRPC client behind a breaker", () => {
  const config = `
breakers:
- {name: payments, consecutive_failures: 3, failure_rate: 0, minimum_calls: 1000, open_for: 1h}`;

  it("is kept from calling a service that fails, and not by what is its own doing", async () => {
    await using sidecar = new OwnSidecar(config);
    sidecar.start();
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 5000 });
    const breaker = outrigger.breaker("payments");
    await until(() => breaker.knownState()?.state === "CLOSED");
    let calls = 0;
    let code: status = status.NOT_FOUND;
    const failing: Handler = (_call, callback) => {
      calls++;
      callback({ code, details: "no" });
    };
    await withGrpc([], failing, async (target) => {
      const client = new RateLimiterClient(target, credentials.createInsecure(), {
        interceptors: [breakerInterceptor(breaker)],
      });
      for (let i = 0; i < 4; i++) assert.equal((await call(client, "1")).error?.code, status.NOT_FOUND);
      await outrigger.flush();
      assert.equal(breaker.knownState()?.state, "CLOSED");
      code = status.INTERNAL;
      for (let i = 0; i < 3; i++) assert.equal((await call(client, "1")).error?.code, status.INTERNAL);
      await until(() => breaker.knownState()?.state === "OPEN");
      const denied = await call(client, "1");
      assert.equal(denied.error?.code, status.UNAVAILABLE);
      assert.match(denied.error?.details ?? "", /breaker payments/);
      assert.match(String(denied.error?.metadata.get("retry-after")), /^\d+$/);
      assert.equal(calls, 7);
      client.close();
    });
  });

  it("passes while the sidecar is gone, and can be cancelled while that is asked", async () => {
    await using sidecar = new OwnSidecar(config);
    sidecar.start();
    await using outrigger = connect({ target: sidecar.target, timeoutMs: 3000 });
    await until(async () => (await outrigger.breaker("payments").acquire()).source === "sidecar");
    sidecar.signal("SIGSTOP");
    await using hasty = connect({ target: sidecar.target, timeoutMs: 20 });
    await withGrpc([], fine, async (target) => {
      const passing = new RateLimiterClient(target, credentials.createInsecure(), {
        interceptors: [breakerInterceptor(hasty.breaker("payments"))],
      });
      assert.equal((await call(passing, "1")).error, null);
      await using slow = connect({ target: sidecar.target, timeoutMs: 60_000 });
      const waiting = new RateLimiterClient(target, credentials.createInsecure(), {
        interceptors: [breakerInterceptor(slow.breaker("payments"))],
      });
      const ended = await new Promise<ServiceError | null>((resolve) => {
        const underWay = waiting.refund(RefundRequest.create(), (error) => resolve(error));
        underWay.cancel();
      });
      assert.equal(ended?.code, status.CANCELLED);
      passing.close();
      waiting.close();
    });
  });
});
