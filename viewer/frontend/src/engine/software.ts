const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * Whether WebGL is drawn by the processor instead of a graphics card. There, smoothing edges while drawing doubles
 * the time of every frame, so it is done once the picture stands still.
 */
export function isDrawnBySoftware(): boolean {
  const probe = document.createElement("canvas").getContext("webgl2");
  if (probe === null) return false;
  const told = probe.getExtension("WEBGL_debug_renderer_info");
  const name = String(probe.getParameter(told === null ? probe.RENDERER : told.UNMASKED_RENDERER_WEBGL));
  probe.getExtension("WEBGL_lose_context")?.loseContext();
  return SOFTWARE.test(name);
}
