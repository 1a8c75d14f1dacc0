import { Color, FrontSide, ShaderMaterial, Vector2, type DataTexture, type IUniform } from "three";
import type { Vec3 } from "../maths/vec3";
import type { Look } from "./look";

const VERTEX = /* glsl */ `
attribute float _component;
uniform sampler2D uStates;
varying vec3 vView;
varying vec3 vLattice;
varying vec3 vNormal;
flat varying float vState;
void main() {
  int number = int(_component + 0.5);
  int width = textureSize(uStates, 0).x;
  vState = floor(texelFetch(uStates, ivec2(number % width, number / width), 0).r * 255.0 + 0.5);
  vLattice = position;
  #ifdef HAS_NORMALS
  vNormal = normalMatrix * normal;
  #endif
  vec4 view = modelViewMatrix * vec4(position, 1.0);
  vView = view.xyz;
  gl_Position = projectionMatrix * view;
}`;

const FRAGMENT = /* glsl */ `
uniform vec3 uColour, uFog, uShade, uRim, uHighlight;
uniform vec2 uOpacity;
uniform float uAmbient, uKey, uDim;
uniform vec3 uDepth;
varying vec3 vView;
varying vec3 vLattice;
varying vec3 vNormal;
flat varying float vState;

vec3 facing() {
  #ifdef HAS_NORMALS
  return normalize(vNormal);
  #else
  return normalize(cross(dFdx(vView), dFdy(vView)));
  #endif
}

// Lines between voxels, drawn where a voxel is wide enough on the screen to be told from its neighbours.
float latticeLine() {
  #ifdef HAS_NORMALS
  return 0.0;
  #else
  vec3 width = fwidth(vLattice);
  vec3 apart = abs(fract(vLattice + 0.5) - 0.5);
  vec3 line = (1.0 - smoothstep(width * 0.6, width * 1.4, apart)) * step(1e-4, width);
  float size = 1.0 / max(max(width.x, width.y), width.z);
  return max(max(line.x, line.y), line.z) * smoothstep(7.0, 16.0, size);
  #endif
}

void main() {
  if (vState > 1.5) discard;
  float selected = step(0.5, vState);
  float alpha = 1.0;
  #ifdef DEPTH_ONLY
  gl_FragColor = vec4(1.0);
  #else
  vec3 n = facing();
  vec3 toEye = normalize(-vView);
  float facingEye = abs(dot(n, toEye));
  float key = 0.5 + 0.5 * dot(n, normalize(vec3(-0.42, 0.62, 0.66)));
  float fill = max(dot(n, normalize(vec3(0.8, -0.25, 0.5))), 0.0);
  float light = uAmbient + uKey * key * key + 0.16 * fill;
  vec3 colour = uColour * mix(uShade + 0.45, vec3(1.0), clamp(light, 0.0, 1.0)) * light;
  float gloss = pow(max(dot(n, normalize(normalize(vec3(-0.42, 0.62, 0.66)) + toEye)), 0.0), 42.0);
  colour += gloss * 0.16 + uRim * pow(1.0 - facingEye, 4.0) * 0.10;
  colour *= 1.0 - 0.22 * latticeLine();
  colour = pow(max(colour, 0.0), vec3(1.0 / 2.2));
  colour = mix(colour, uFog, 0.34 * smoothstep(uDepth.x, uDepth.y, -vView.z));
  alpha = mix(uOpacity.y, uOpacity.x, facingEye * facingEye);
  float dim = uDim * (1.0 - selected);
  colour = mix(colour, mix(vec3(dot(colour, vec3(0.3, 0.59, 0.11))), uFog, 0.45), dim * 0.82);
  alpha = mix(alpha, alpha * 0.42, dim);
  colour = mix(colour, uHighlight, selected * (0.10 + 0.5 * pow(1.0 - facingEye, 2.0)));
  alpha = mix(alpha, 1.0, selected);
  gl_FragColor = vec4(colour, alpha);
  #endif
}`;

/** What one label of one panel owns: its colour, how solid it is, and the state of each of its components. */
export interface TumourUniforms {
  readonly uColour: IUniform<Color>;
  /** Opacity facing the eye and at the edge. */
  readonly uOpacity: IUniform<Vector2>;
  /** 1 while another component is selected. */
  readonly uDim: IUniform<number>;
  readonly uStates: IUniform<DataTexture>;
}

/** The uniforms of a label; colours come in linear light. */
export function tumourUniforms(linear: Vec3, opacity: readonly [number, number], states: DataTexture): TumourUniforms {
  return {
    uColour: { value: new Color(...linear) },
    uOpacity: { value: new Vector2(...opacity) },
    uDim: { value: 0 },
    uStates: { value: states },
  };
}

/**
 * Tumour tissue. Drawn twice: depth first, then colour on the nearest facet alone, so that translucent
 * tissue has one even veil however folded its surface is.
 */
export function tumourMaterial(own: TumourUniforms, shared: Look, pass: "depth" | "colour", hasNormals: boolean): ShaderMaterial {
  const { fog, ambient, key, shade, rim, highlight, depth } = shared;
  return new ShaderMaterial({
    name: `tumour ${pass}`,
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    defines: { ...(hasNormals && { HAS_NORMALS: "" }), ...(pass === "depth" && { DEPTH_ONLY: "" }) },
    uniforms: { ...own, uFog: fog, uAmbient: ambient, uKey: key, uShade: shade, uRim: rim, uHighlight: highlight, uDepth: depth },
    side: FrontSide,
    transparent: true,
    depthWrite: pass === "depth",
    colorWrite: pass === "colour",
  });
}
