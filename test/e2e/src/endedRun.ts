const POLL_MS = 500;

/** A run as `GET /v1/runs/{id}` answers once it has ended. */
export async function endedRun(
  url: string,
  headers: Record<string, string>,
): Promise<{ state: string; items: unknown[] }> {
  for (;;) {
    const response = await fetch(url, { headers });
    const run = await response.json();
    if (!['queued', 'running'].includes(run.state)) {
      return run;
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}
