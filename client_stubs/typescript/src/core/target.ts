import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";

const SOCKET = join("outrigger", "outrigger.sock");

/**
 * Where the sidecar is, as gRPC names it: `given`; else OUTRIGGER_TARGET; else the first socket that exists; else
 * where one will be. Understands `unix:///path`, `unix:path`, a path alone, and `host:port`.
 */
export function resolveTarget(given?: string, environment: NodeJS.ProcessEnv = process.env): string {
  const named = given || environment["OUTRIGGER_TARGET"];
  if (named) return isPath(named) ? `unix:${named}` : named;
  const folders = ["/run", environment["XDG_RUNTIME_DIR"], "/tmp"].filter((folder) => folder);
  for (const folder of folders) {
    const socket = join(folder as string, SOCKET);
    if (existsSync(socket)) return `unix:${socket}`;
  }
  return existsSync("/run/outrigger") ? `unix:/run/${SOCKET}` : "127.0.0.1:7420";
}

function isPath(target: string): boolean {
  return isAbsolute(target) || target.startsWith("./") || target.startsWith("../");
}
