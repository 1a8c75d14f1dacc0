import { BackSide, FrontSide, NoBlending, NormalBlending, ShaderMaterial } from "three";
import type { Look } from "./look";

const VERTEX = /* glsl */ `
varying vec3 vView;
varying vec3 vMm;
varying vec3 vNormal;
void main() {
  vNormal = normalMatrix * normal;
  vec4 view = modelViewMatrix * vec4(position, 1.0);
  vView = view.xyz;
  vMm = (modelMatrix * vec4(position, 1.0)).xyz;
  gl_Position = projectionMatrix * view;
}`;

const FRAGMENT = /* glsl */ `
uniform vec3 uBrain;
uniform vec4 uCut;
uniform float uRim, uFill;
varying vec3 vView;
varying vec3 vMm;
varying vec3 vNormal;
void main() {
  if (dot(uCut.xyz, vMm) > uCut.w) discard;
  vec3 n = normalize(vNormal);
  float facing = abs(dot(n, normalize(-vView)));
  #ifdef INSIDE
  float alpha = uFill * (0.55 + 0.9 * pow(1.0 - facing, 1.5));
  #else
  float alpha = uRim * pow(1.0 - facing, 3.0);
  #endif
  float light = 0.82 + 0.18 * n.y;
  #ifdef INSIDE
  gl_FragColor = vec4(uBrain * light, alpha);
  #else
  gl_FragColor = vec4(uBrain * light, 1.0) * alpha;
  #endif
}`;

export type BrainPass = "inside" | "rim";

/**
 * The brain's hull: its far side a faint bowl behind the tumour, its near side drawn at the rim alone,
 * on the nearest fold alone, so that it never lies over the tumour's colours. Each is for a picture of its own.
 */
export function brainMaterial(shared: Look, pass: BrainPass): ShaderMaterial {
  return new ShaderMaterial({
    name: `brain ${pass}`,
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    defines: pass === "inside" ? { INSIDE: "" } : {},
    uniforms: { uBrain: shared.brain, uRim: shared.brainRim, uFill: shared.brainFill, uCut: shared.cut },
    side: pass === "inside" ? BackSide : FrontSide,
    transparent: true,
    blending: pass === "inside" ? NormalBlending : NoBlending,
    depthWrite: pass === "rim",
    depthTest: pass === "rim",
  });
}
