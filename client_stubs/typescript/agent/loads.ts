/** What a scenario's loader fails with. */
export class LoaderError extends Error {}

/** What a scenario says of a loader. */
export interface LoaderPlan {
  value?: string;
  absent?: boolean;
  error?: string;
  hold?: string;
}

/** Names that loaders and bodies wait for until they are let go. */
export class Holds {
  private readonly gates = new Map<string, { wait: Promise<void>; open: () => void }>();

  /** Resolves when `name` has been let go; at once for none. */
  async wait(name: string | undefined): Promise<void> {
    if (name !== undefined) await this.gate(name).wait;
  }

  open(name: string): void {
    this.gate(name).open();
  }

  private gate(name: string): { wait: Promise<void>; open: () => void } {
    let gate = this.gates.get(name);
    if (gate === undefined) {
      let open!: () => void;
      const wait = new Promise<void>((resolve) => (open = resolve));
      this.gates.set(name, (gate = { wait, open }));
    }
    return gate;
  }
}

/** Loaders made from plans, and how often each ran. */
export class Loads {
  private readonly counts = new Map<string, number>();
  private readonly holds: Holds;

  constructor(holds: Holds) {
    this.holds = holds;
  }

  count(namespace: string, key: string): number {
    return this.counts.get(`${namespace}/${key}`) ?? 0;
  }

  async run(namespace: string, key: string, plan: LoaderPlan): Promise<string | undefined> {
    this.counts.set(`${namespace}/${key}`, this.count(namespace, key) + 1);
    await this.holds.wait(plan.hold);
    if (plan.error !== undefined) throw new LoaderError(plan.error);
    return plan.absent === true ? undefined : plan.value;
  }
}
