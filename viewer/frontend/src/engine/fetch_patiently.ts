const MOST_TRIES = 8;
const PAUSE_S = 2;

/**
 * Fetch, and where a busy server says 503 come again when it says so, at most eight times.
 * Rejects with AbortError as soon as the signal says so, also between two tries.
 */
export async function fetchPatiently(url: string, signal: AbortSignal): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const response = await fetch(url, { signal });
    if (response.status !== 503 || tries === MOST_TRIES) return response;
    await pause(1000 * (Number(response.headers.get("Retry-After")) || PAUSE_S), signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, broken) => {
    const timer = setTimeout(ended, ms);
    signal.addEventListener("abort", stopped, { once: true });
    function ended() {
      signal.removeEventListener("abort", stopped);
      done();
    }
    function stopped() {
      clearTimeout(timer);
      broken(signal.reason);
    }
  });
}
