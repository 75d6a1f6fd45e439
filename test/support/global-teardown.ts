export default async function globalTeardown(): Promise<void> {
  await (globalThis as { wardenEndTestRun?: () => Promise<void> }).wardenEndTestRun?.();
}
