import * as React from "react";

/** An element's width in CSS pixels, kept up to date. */
export function useWidth(element: React.RefObject<HTMLElement>): number {
  const [width, setWidth] = React.useState(1280);
  React.useLayoutEffect(() => {
    const measure = () => setWidth(element.current!.clientWidth);
    const observer = new ResizeObserver(measure);
    observer.observe(element.current!);
    measure();
    return () => observer.disconnect();
  }, []);
  return width;
}
