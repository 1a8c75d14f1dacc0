import * as React from "react";
import { readAtlas, type AtlasColumns } from "./columns";

export type Loaded = { readonly atlas: AtlasColumns | null; readonly fault: string | null };

/** Fetch an atlas once its address is known; a new address forgets the old one. */
export function useAtlas(url: string | null): Loaded {
  const [loaded, setLoaded] = React.useState<Loaded>({ atlas: null, fault: null });
  React.useEffect(() => {
    setLoaded({ atlas: null, fault: null });
    if (url === null) return;
    const stop = new AbortController();
    fetch(url, { signal: stop.signal })
      .then(async (answer) => {
        if (!answer.ok) throw new Error((await answer.text()).trim());
        setLoaded({ atlas: readAtlas(await answer.arrayBuffer()), fault: null });
      })
      .catch((error: Error) => { if (error.name !== "AbortError") setLoaded({ atlas: null, fault: error.message || "The components could not be loaded." }); });
    return () => stop.abort();
  }, [url]);
  return loaded;
}
