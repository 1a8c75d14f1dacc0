import * as React from "react";

/** An element of `dash.html` as Dash writes it into JSON. */
interface Element {
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>> & { readonly children?: Content };
}

type Content = Element | string | number | boolean | null | undefined | readonly Content[];

/** What only Dash's own elements know. */
const DASHS = new Set(["children", "n_clicks", "n_clicks_timestamp", "disable_n_clicks", "key"]);

/** Elements that nobody but the browser has to know one by one: Dash's component, see `viewer/markup.py`. */
export function Markup({ content }: { content?: Content }) {
  return <>{shown(content)}</>;
}

function shown(content: Content): React.ReactNode {
  if (content === null || content === undefined || typeof content !== "object") return content;
  if (isList(content)) return content.map((part, at) => <React.Fragment key={at}>{shown(part)}</React.Fragment>);
  const { type, props } = content;
  const own = Object.fromEntries(Object.entries(props).filter(([name]) => !DASHS.has(name)));
  const inner = shown(props.children);
  // an element without content, such as an <input>, must not be given any
  return inner === null || inner === undefined ? React.createElement(type.toLowerCase(), own) : React.createElement(type.toLowerCase(), own, inner);
}

const isList = (content: Element | readonly Content[]): content is readonly Content[] => Array.isArray(content);
