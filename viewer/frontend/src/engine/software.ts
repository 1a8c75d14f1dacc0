const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * Whether WebGL is drawn by the processor instead of a graphics card. There, a frame takes as long as it has
 * triangles, and samples double that: pictures in motion have few, and their edges are smoothed at rest.
 */
export function isDrawnBySoftware(): boolean {
  const probe = document.createElement("canvas").getContext("webgl2");
  if (probe === null) return false;
  const told = probe.getExtension("WEBGL_debug_renderer_info");
  const name = String(probe.getParameter(told === null ? probe.RENDERER : told.UNMASKED_RENDERER_WEBGL));
  probe.getExtension("WEBGL_lose_context")?.loseContext();
  return SOFTWARE.test(name);
}
