/** Measures the library beside the bare generated client; see tests/conformance/README.md. One JSON object a line. */
import { credentials } from "@grpc/grpc-js";
import { connect, Permit, type Outrigger } from "../src/index.js";
import { resolveTarget } from "../src/core/target.js";
import { AllowRequest, RateLimiterClient } from "../src/gen/outrigger/ratelimit/v1/rate_limiter.js";

const CALLERS = 64;
const ROUNDS = 10;

type Ask = () => Promise<unknown>;

function print(name: string, fields: Record<string, number>): void {
  const rounded = Object.entries(fields).map(([field, value]) => [field, Number(value.toPrecision(4))]);
  console.log(JSON.stringify({ name, ...Object.fromEntries(rounded) }));
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** One latency, in microseconds. */
async function latency(ask: Ask): Promise<number> {
  const began = performance.now();
  await ask();
  return (performance.now() - began) * 1000;
}

async function measureOne(stub: Ask, bare: Ask): Promise<void> {
  const latencies = { stub: [] as number[], bare: [] as number[] };
  for (let i = 0; i < 4000; i++) {
    latencies.stub.push(await latency(stub));
    latencies.bare.push(await latency(bare));
  }
  const [stub_us, bare_us] = [median(latencies.stub.slice(1000)), median(latencies.bare.slice(1000))];
  print("allow_one", { stub_us, bare_us, ratio: stub_us / bare_us });
}

/** Calls a second of 64 callers, for half a second. */
async function throughput(ask: Ask): Promise<number> {
  const began = performance.now();
  let calls = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() - began < 500) {
      await ask();
      calls++;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return (calls / (performance.now() - began)) * 1000;
}

async function measureMany(stub: Ask, bare: Ask): Promise<void> {
  await throughput(stub);
  await throughput(bare);
  const rates = { stub: [] as number[], bare: [] as number[] };
  for (let i = 0; i < ROUNDS; i++) {
    rates.stub.push(await throughput(stub));
    rates.bare.push(await throughput(bare));
  }
  const [stub_per_s, bare_per_s] = [median(rates.stub), median(rates.bare)];
  print("allow_64", { stub_per_s, bare_per_s, ratio: stub_per_s / bare_per_s });
}

/** Nanoseconds of a decision while the breaker is closed; no outcome is reported. */
async function measureBreaker(outrigger: Outrigger): Promise<void> {
  const breaker = outrigger.breaker("bench");
  while (breaker.knownState()?.state !== "CLOSED") await breaker.call(() => undefined);
  const each = 100_000;
  const times: number[] = [];
  for (let round = 0; round < 21; round++) {
    await breaker.call(() => undefined); // what was told is anew, and the event loop comes round
    let allowed = 0;
    const began = performance.now();
    for (let i = 0; i < each; i++) if (breaker.tryAcquire() instanceof Permit) allowed++;
    times.push(((performance.now() - began) * 1e6) / each);
    if (allowed !== each) throw new Error(`${each - allowed} decisions were not made in the process`);
  }
  print("breaker_closed", { ns: median(times) });
}

/** The sidecar stops under 8 callers. */
async function measureHang(outrigger: Outrigger, deadlineMs: number): Promise<void> {
  const sidecar = Number(process.env["OUTRIGGER_SIDECAR_PID"]);
  let longest = 0;
  let fallbacks = 0;
  const caller = async (): Promise<void> => {
    while (fallbacks < 80) {
      const began = performance.now();
      const { source } = await outrigger.limiter.allow({ bench: "hang" });
      longest = Math.max(longest, performance.now() - began);
      if (source === "fallback") fallbacks++;
    }
  };
  const callers = Array.from({ length: 8 }, caller);
  process.kill(sidecar, "SIGSTOP");
  try {
    await Promise.all(callers);
  } finally {
    process.kill(sidecar, "SIGCONT");
  }
  print("hang", { deadline_ms: deadlineMs, longest_ms: longest });
}

async function main(): Promise<void> {
  const timeoutMs = 50;
  await using outrigger = connect({ timeoutMs: 5000 });
  await using hasty = connect({ timeoutMs });
  const bareClient = new RateLimiterClient(resolveTarget(), credentials.createInsecure(), {
    "grpc.default_authority": "localhost",
  });
  const stub: Ask = () => outrigger.limiter.allow({ bench: "1" });
  const request = AllowRequest.fromPartial({ attributes: { bench: "1" } });
  const bare: Ask = () => new Promise((resolve, reject) => {
    bareClient.allow(request, (error, answer) => (error === null ? resolve(answer) : reject(error)));
  });
  await measureOne(stub, bare);
  await measureMany(stub, bare);
  await measureBreaker(outrigger);
  for (let i = 0; i < 100; i++) await hasty.limiter.allow({ bench: "hang" });
  await measureHang(hasty, timeoutMs);
  bareClient.close();
}

void main();
