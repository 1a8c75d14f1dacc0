import {
  CustomBlending, Mesh, OneFactor, OneMinusSrcAlphaFactor, OrthographicCamera, PlaneGeometry, ShaderMaterial,
  type StencilFunc, type StencilOp, type WebGLRenderer,
} from "three";
import type { PictureTarget } from "./picture_target";

/** How a picture is laid over what is drawn already. */
export interface Laying {
  /** Its opacity is multiplied by this. */
  readonly strength?: number;
  /** What it lets through is raised to this power: below 1 it is thinner, and what is opaque stays opaque. */
  readonly thickness?: number;
  /** Where it is laid, by the stencil, and what it leaves there. */
  readonly stencil: { readonly func: StencilFunc; readonly ref: number; readonly readMask?: number; readonly writeMask?: number; readonly zPass?: StencilOp };
}

const VERTEX = /* glsl */ `
varying vec2 vAt;
void main() {
  vAt = uv;
  gl_Position = vec4(position.xy, 0.0, 1.0);
}`;

const FRAGMENT = /* glsl */ `
uniform sampler2D uPicture;
uniform float uStrength, uThickness;
varying vec2 vAt;
void main() {
  vec4 c = texture2D(uPicture, vAt);
  if (c.a == 0.0) discard;
  float alpha = 1.0 - pow(1.0 - c.a, uThickness);
  gl_FragColor = vec4(c.rgb / c.a, 1.0) * alpha * uStrength;
}`;

/** A material that lays a picture with premultiplied alpha over the viewport. */
export function laid({ strength = 1, thickness = 1, stencil }: Laying): ShaderMaterial {
  const { func, ref, readMask = 0xff, writeMask = 0xff, zPass } = stencil;
  return new ShaderMaterial({
    name: "laid",
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    uniforms: { uPicture: { value: null }, uStrength: { value: strength }, uThickness: { value: thickness } },
    transparent: true,
    depthTest: false,
    depthWrite: false,
    blending: CustomBlending,
    blendSrc: OneFactor,
    blendDst: OneMinusSrcAlphaFactor,
    stencilWrite: true,
    stencilFunc: func,
    stencilRef: ref,
    stencilFuncMask: readMask,
    stencilWriteMask: writeMask,
    ...(zPass !== undefined && { stencilZPass: zPass }),
  });
}

/** A rectangle as large as the viewport, to lay pictures over it. */
export class Sheet {
  private readonly mesh = new Mesh(new PlaneGeometry(2, 2));
  private readonly camera = new OrthographicCamera();

  constructor(private readonly renderer: WebGLRenderer) {
    this.mesh.frustumCulled = false;
  }

  /** Lay a picture over the current viewport. */
  lay(material: ShaderMaterial, { texture }: PictureTarget): void {
    material.uniforms["uPicture"].value = texture;
    this.mesh.material = material;
    this.renderer.render(this.mesh, this.camera);
  }

  dispose(): void {
    this.mesh.geometry.dispose();
  }
}
