import * as React from "react";

const REPORT_MS = 160;

/**
 * A value that a hand moves: changed at once on the page, reported when the hand rests.
 * What the page's owner says in between (`given`) wins over what was moved before.
 */
export function useDraft<Value>(given: Value, report: (value: Value) => void): [Value, (value: Value) => void] {
  const [draft, setDraft] = React.useState(given);
  const timer = React.useRef(0);
  const latest = React.useRef(report);
  latest.current = report;
  React.useEffect(() => {
    window.clearTimeout(timer.current);
    setDraft(given);
  }, [JSON.stringify(given)]);
  React.useEffect(() => () => window.clearTimeout(timer.current), []);
  const move = React.useCallback((value: Value) => {
    setDraft(value);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => latest.current(value), REPORT_MS);
  }, []);
  return [draft, move];
}
