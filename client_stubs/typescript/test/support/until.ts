const PATIENCE_MS = 20_000;

/** Resolves when `condition` holds; rejects if it does not within 20 s. */
export async function until(condition: () => unknown): Promise<void> {
  const giveUp = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > giveUp) throw new Error(`not within ${PATIENCE_MS} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2)); // a poll within a wait that has a deadline
  }
}
