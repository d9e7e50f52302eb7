import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A sidecar for one test alone, which may stop and kill it. */
export class OwnSidecar {
  readonly target: string;
  private readonly folder = mkdtempSync(join(tmpdir(), "outrigger-ts-"));
  private process: ChildProcess | undefined;
  private log = "";

  constructor(config: string) {
    const socket = join(this.folder, "o.sock");
    this.target = `unix:${socket}`;
    writeFileSync(join(this.folder, "sidecar.yaml"), `listen: {unix: ${socket}, tcp: off, admin: off}\n${config}`);
  }

  /** Does not wait until it serves. */
  start(): void {
    const program = process.env["OUTRIGGER_PROGRAM"];
    if (program === undefined) throw new Error("OUTRIGGER_PROGRAM is not set: run the tests by `make test`");
    this.process = spawn(program, ["serve", "--config", join(this.folder, "sidecar.yaml")], {
      env: plainEnvironment(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.process.stderr?.on("data", (text: Buffer) => (this.log += text.toString()));
    this.process.once("exit", (code) => {
      if (code !== null) console.error(`the sidecar ended: ${this.log}`);
    });
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.process?.kill(signal);
  }

  async kill(): Promise<void> {
    const process = this.process;
    this.process = undefined;
    if (process === undefined || process.exitCode !== null) return;
    const exited = once(process, "exit");
    process.kill("SIGKILL");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }
}

// The sidecar takes each OUTRIGGER_… for an option; what tests are told is none.
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("OUTRIGGER_")));
}
