import * as React from "react";
import type { GreyScale } from "../maths/intensity";

/** Fetch the intensities behind an image's grey values; null while they are unknown. */
export function useScale(url: string | null): GreyScale | null {
  const [found, setFound] = React.useState<{ url: string; scale: GreyScale } | null>(null);
  React.useEffect(() => {
    if (url === null) return;
    const stop = new AbortController();
    fetch(url, { signal: stop.signal })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
      .then((scale: GreyScale) => setFound({ url, scale }))
      .catch(() => setFound(null)); // without it the readout says the grey value alone
    return () => stop.abort();
  }, [url]);
  return found !== null && found.url === url ? found.scale : null;
}
