import * as React from "react";

const REPORT_MS = 160;

/**
 * A value that a hand moves: changed at once on the page, reported when the hand rests.
 *
 * What the page's owner says (`given`) wins over what was moved before, unless it only says what was reported: that
 * comes back late, and a hand that has moved on must not be pulled back by it. `written` is how the owner hears a value.
 */
export function useDraft<Value>(given: Value, report: (value: Value) => void, written: (value: Value) => string = JSON.stringify): [Value, (value: Value) => void] {
  const [draft, setDraft] = React.useState(given);
  const timer = React.useRef(0);
  const latest = React.useRef({ report, written, given });
  latest.current = { report, written, given };
  /** What was reported and has not come back, oldest first. */
  const awaited = React.useRef<string[]>([]);
  React.useEffect(() => {
    const place = awaited.current.indexOf(written(given));
    awaited.current = place < 0 ? [] : awaited.current.slice(place + 1);
    if (place >= 0) return;
    window.clearTimeout(timer.current);
    setDraft(given);
  }, [written(given)]);
  React.useEffect(() => () => window.clearTimeout(timer.current), []);
  const move = React.useCallback((value: Value) => {
    setDraft(value);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      const now = latest.current;
      if (now.written(value) !== now.written(now.given)) awaited.current.push(now.written(value));
      now.report(value);
    }, REPORT_MS);
  }, []);
  return [draft, move];
}
