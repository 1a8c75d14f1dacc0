import { Color, FrontSide, NoBlending, ShaderMaterial, Vector2, type DataTexture, type IUniform } from "three";
import type { Vec3 } from "../maths/vec3";
import type { Look } from "./look";

const VERTEX = /* glsl */ `
attribute float _component;
attribute vec4 soft;
uniform sampler2D uStates;
varying vec3 vView;
varying vec3 vMm;
varying vec3 vLattice;
varying vec4 vSoft;
flat varying float vState;
#ifdef HAS_DISTANCE
attribute float _distance_mm;
varying float vDistance;
#endif
void main() {
  #ifdef HAS_DISTANCE
  vDistance = _distance_mm;
  #endif
  int number = int(_component + 0.5);
  int width = textureSize(uStates, 0).x;
  vState = floor(texelFetch(uStates, ivec2(number % width, number / width), 0).r * 255.0 + 0.5);
  vLattice = position;
  vSoft = vec4(normalMatrix * soft.xyz, soft.w);
  vec4 view = modelViewMatrix * vec4(position, 1.0);
  vView = view.xyz;
  vMm = (modelMatrix * vec4(position, 1.0)).xyz;
  gl_Position = projectionMatrix * view;
}`;

const FRAGMENT = /* glsl */ `
uniform vec3 uColour, uFog, uShade, uRim, uHighlight;
uniform vec2 uOpacity;
uniform float uAmbient, uKey, uDim, uThickness;
uniform vec3 uDepth;
uniform vec4 uCut;
varying vec3 vView;
varying vec3 vMm;
varying vec3 vLattice;
varying vec4 vSoft;
flat varying float vState;
#ifdef HAS_DISTANCE
uniform vec3 uStops[5];
uniform float uEndMm;
varying float vDistance;
// A lamp in front of a pale surface must not wash its colour out.
const float UNDER_LIGHT = 0.72;
#endif

// The tissue's colour, or that of its distance to the reference; linear light.
vec3 ownColour() {
  #ifdef HAS_DISTANCE
  float place = clamp(vDistance / uEndMm, -1.0, 1.0) * 2.0 + 2.0;
  int from = int(min(floor(place), 3.0));
  return mix(uStops[from], uStops[from + 1], place - float(from)) * UNDER_LIGHT;
  #else
  return uColour;
  #endif
}

// A vector of length 0 has no direction: a speck a pixel wide, or a vertex whose faces cancel out.
vec3 direction(vec3 v, vec3 otherwise) {
  float square = dot(v, v);
  return square > 0.0 ? v * inversesqrt(square) : otherwise;
}

// From afar voxels are lit as the smooth body they stand for; close up each as the cube it is.
vec3 facing(float closeness) {
  vec3 toEye = normalize(-vView);
  #ifdef IS_VOXELS
  vec3 facet = direction(cross(dFdx(vView), dFdy(vView)), toEye);
  vec3 soft = direction(vSoft.xyz, facet);
  return direction(mix(soft, facet, mix(0.22, 0.8, closeness)), facet);
  #else
  return direction(vSoft.xyz, toEye);
  #endif
}

// How well single voxels can be told apart on the screen, 0 to 1.
float voxelCloseness() {
  #ifdef IS_VOXELS
  vec3 width = fwidth(vLattice);
  return smoothstep(6.0, 18.0, 1.0 / max(max(width.x, width.y), width.z));
  #else
  return 0.0;
  #endif
}

// Lines between voxels.
float latticeLine() {
  #ifdef IS_VOXELS
  vec3 width = fwidth(vLattice);
  vec3 apart = abs(fract(vLattice + 0.5) - 0.5);
  vec3 line = (1.0 - smoothstep(width * 0.6, width * 1.4, apart)) * step(1e-4, width);
  return max(max(line.x, line.y), line.z);
  #else
  return 0.0;
  #endif
}

void main() {
  if (dot(uCut.xyz, vMm) > uCut.w) discard;
  if (vState > 1.5) discard;
  float selected = step(0.5, vState);
  float closeness = voxelCloseness();
  vec3 n = facing(closeness);
  vec3 toEye = normalize(-vView);
  float facingEye = clamp(dot(n, toEye), 0.0, 1.0);
  vec3 lamp = normalize(vec3(-0.42, 0.62, 0.66));
  float key = 0.5 + 0.5 * dot(n, lamp);
  float fill = max(dot(n, normalize(vec3(0.8, -0.25, 0.5))), 0.0);
  float light = (uAmbient + uKey * key * key + 0.16 * fill) * (1.0 - 0.34 * clamp(vSoft.w * 1.6, -0.5, 1.0));
  vec3 colour = ownColour() * mix(uShade, vec3(1.0), clamp(light, 0.0, 1.0)) * light;
  float gloss = pow(max(dot(n, normalize(lamp + toEye)), 0.0), 36.0);
  colour += gloss * 0.12 + uRim * pow(1.0 - facingEye, 3.0) * 0.07;
  colour *= 1.0 - 0.25 * latticeLine() * closeness;
  colour = pow(max(colour, 0.0), vec3(1.0 / 2.2));
  colour = mix(colour, uFog, 0.22 * smoothstep(uDepth.x, uDepth.y, -vView.z));
  float alpha = mix(uOpacity.y, uOpacity.x, sqrt(facingEye));
  // thickness is what a theme changes: opaque stays opaque, thin stays thin
  alpha = 1.0 - pow(1.0 - alpha, uThickness);
  float dim = uDim * (1.0 - selected);
  colour = mix(colour, mix(vec3(dot(colour, vec3(0.3, 0.59, 0.11))), uFog, 0.45), dim * 0.68);
  alpha = mix(alpha, alpha * 0.6, dim);
  colour = mix(colour, uHighlight, selected * (0.10 + 0.5 * pow(1.0 - facingEye, 2.0)));
  alpha = mix(alpha, 1.0, selected);
  gl_FragColor = vec4(colour, 1.0) * alpha;
}`;

/** What one label of one panel owns: its colour, how solid it is, and the state of each of its components. */
export interface TumourUniforms {
  readonly uColour: IUniform<Color>;
  /** Opacity facing the eye and at the edge. */
  readonly uOpacity: IUniform<Vector2>;
  /** 1 while another component is selected. */
  readonly uDim: IUniform<number>;
  readonly uStates: IUniform<DataTexture | null>;
}

/** The uniforms of a label; colours come in linear light. */
export function tumourUniforms(linear: Vec3, opacity: readonly [number, number]): TumourUniforms {
  return {
    uColour: { value: new Color(...linear) },
    uOpacity: { value: new Vector2(...opacity) },
    uDim: { value: 0 },
    uStates: { value: null },
  };
}

/** What a material is made for. */
export interface TumourDrawing {
  readonly isVoxels: boolean;
  /** Coloured by its vertices' distances instead of by its label. */
  readonly hasDistance: boolean;
}

/** Tumour tissue, for a picture of its own: the nearest facet with its opacity, premultiplied. */
export function tumourMaterial(own: TumourUniforms, shared: Look, { isVoxels, hasDistance }: TumourDrawing): ShaderMaterial {
  const { fog, ambient, key, shade, rim, highlight, depth, cut, thickness, stops, endMm } = shared;
  const defines = { IS_VOXELS: isVoxels, HAS_DISTANCE: hasDistance };
  return new ShaderMaterial({
    name: "tumour",
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    defines: Object.fromEntries(Object.entries(defines).filter(([, isOn]) => isOn).map(([name]) => [name, ""])),
    uniforms: { ...own, uFog: fog, uAmbient: ambient, uKey: key, uShade: shade, uRim: rim, uHighlight: highlight, uDepth: depth, uCut: cut, uThickness: thickness, uStops: stops, uEndMm: endMm },
    side: FrontSide,
    blending: NoBlending,
  });
}
