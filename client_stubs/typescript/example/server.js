// A small service: limited by user, profiles from a cache, payments behind a breaker, a database behind a pool.
import { BreakerOpenError, connect, rateLimit } from "@outrigger/client";
import express from "express";

const outrigger = connect();
const profiles = outrigger.cache("profiles");
const payments = outrigger.breaker("payments");
const db = outrigger.pool("db");
const paymentsUrl = process.env.PAYMENTS_URL ?? "http://127.0.0.1:9/";

// Stands for a query; at most two run at a time in the whole fleet.
const loadProfile = (id) =>
  db.with(async () => {
    console.log(`loading ${id}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return id === "nobody" ? undefined : { id, name: `User ${id}` };
  });

const app = express();
app.use(rateLimit(outrigger.limiter, { attributes: (request) => ({ user: request.get("x-user") ?? request.ip }) }));

app.get("/profiles/:id", async (request, response) => {
  const { id } = request.params;
  const profile = await profiles.getOrLoad(id, () => loadProfile(id));
  if (profile === undefined) response.status(404).end();
  else response.json(profile);
});

app.post("/payments", async (_request, response) => {
  const answer = await payments.call(() => fetch(paymentsUrl, { method: "POST" }), {
    classifyValue: ({ status }) => (status < 500 ? "success" : "failure"),
  });
  response.status(answer.status).end();
});

app.use((error, _request, response, _next) => {
  if (error instanceof BreakerOpenError) {
    response.set("Retry-After", String(Math.ceil(error.retryAfterMs / 1000))).status(503).send(`${error.message}\n`);
  } else {
    response.status(502).send(`${error.message}\n`);
  }
});

const server = app.listen(Number(process.env.PORT ?? 8080), () => console.log(`listening on ${server.address().port}`));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => server.close(() => outrigger.close()));
}
