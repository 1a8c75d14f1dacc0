import * as React from "react";

/**
 * The height that an element keeps while its content is on its way: that of what was there before, if the page is as
 * wide as then. So nothing jumps, and the canvas behind it need not change its size twice. Returns pixels or undefined.
 */
export function useHeldHeight(root: React.RefObject<HTMLElement>, isLoading: boolean, width: number): number | undefined {
  const held = React.useRef<readonly [width: number, height: number] | null>(null);
  React.useEffect(() => {
    if (!isLoading) held.current = [width, root.current!.getBoundingClientRect().height];
  });
  return isLoading && held.current?.[0] === width ? held.current[1] : undefined;
}
