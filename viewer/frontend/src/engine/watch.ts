/** Call when an element's size has changed. Returns the function that stops watching. */
export function watchSize(element: HTMLElement, changed: () => void): () => void {
  const observer = new ResizeObserver(changed);
  observer.observe(element);
  return () => observer.disconnect();
}

/** Call when a canvas has lost its WebGL context and when it has it back. Returns the function that stops watching. */
export function watchContext(canvas: HTMLCanvasElement, changed: (isLost: boolean) => void): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault(); // without this the browser never gives the context back
    changed(true);
  }, { signal });
  canvas.addEventListener("webglcontextrestored", () => changed(false), { signal });
  return () => stop.abort();
}

/** Call when somebody clicks or presses a key, before anything else learns of it. Returns the function that stops watching. */
export function watchHands(acted: () => void): () => void {
  const stop = new AbortController();
  for (const kind of ["pointerdown", "click", "keydown"]) window.addEventListener(kind, acted, { capture: true, passive: true, signal: stop.signal });
  return () => stop.abort();
}
