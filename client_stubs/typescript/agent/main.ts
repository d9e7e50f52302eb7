/** Drives the library for the conformance suite: one JSON object a line, in and out; see tests/conformance/README.md. */
import { createInterface } from "node:readline";
import { OutriggerError } from "../src/index.js";
import { Agent } from "./agent.js";
import { LoaderError } from "./loads.js";

interface Request {
  id: number;
  op: string;
  args?: Record<string, unknown>;
}

function write(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function errorOf(error: unknown): { code: string; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof OutriggerError) return { code: error.code, message };
  return { code: error instanceof LoaderError ? "LOADER" : "INTERNAL", message };
}

async function answer(agent: Agent, request: Request): Promise<void> {
  try {
    write({ id: request.id, ok: await agent.run(request.op, request.args ?? {}) });
  } catch (error) {
    if (errorOf(error).code === "INTERNAL") console.error(error);
    write({ id: request.id, error: errorOf(error) });
  }
}

const agent = new Agent();
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => void answer(agent, JSON.parse(line) as Request));
lines.on("close", () => void agent.close());
write({ ready: true });
