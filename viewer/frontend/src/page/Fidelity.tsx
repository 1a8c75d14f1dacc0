import * as React from "react";
import type { Badge } from "../engine/badge";

/** How true a panel's surfaces are: a few words under its title, all of it on demand. Stands empty until they are there. */
export function Fidelity({ badge, title }: { badge: Badge | null; title: string }) {
  if (badge === null) return <div className="cs-badge" />;
  return (
    <details className="cs-badge" data-warning={badge.isWarning} title={badge.says.join("\n")}>
      <summary aria-label={`Fidelity of ${title}${badge.isWarning ? ", warning" : ""}: ${badge.text}`}>{badge.text}</summary>
      <ul>{badge.says.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
    </details>
  );
}
