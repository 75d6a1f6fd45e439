// Asks the process in this container whether it can do its work: exit code 0 or 1. Both images have it; neither has curl.
const [port] = process.argv.slice(2);
try {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(4000) });
  if (!answer.ok) throw new Error(`answered ${answer.status}: ${await answer.text()}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
