import * as React from "react";

interface AddressProps {
  id: string;
  search?: string;
  setProps?: (changes: { search: string }) => void;
}

type Dash = { set_props(id: string, changes: { search: string }): void };

/**
 * The page's address as a property of Dash's: read when the page opens and on every `popstate`, never written.
 *
 * `dcc.Location` writes, too: told of one address while the page has noted the next, it puts back the former.
 */
export function Address({ id, setProps }: AddressProps) {
  React.useEffect(() => {
    // not setProps: that says nothing of an address it knows, though what was noted in between has to give way to it
    const tell = () => (window as unknown as { dash_clientside: Dash }).dash_clientside.set_props(id, { search: window.location.search });
    setProps?.({ search: window.location.search });
    window.addEventListener("popstate", tell);
    return () => window.removeEventListener("popstate", tell);
  }, [id]);
  return null;
}
