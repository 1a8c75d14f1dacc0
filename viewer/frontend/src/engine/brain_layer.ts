import {
  AlwaysStencilFunc, CustomBlending, EqualStencilFunc, Mesh, NotEqualStencilFunc, OneFactor, OneMinusSrcAlphaFactor, OrthographicCamera,
  PlaneGeometry, Scene, ShaderMaterial, WebGLRenderTarget, type PerspectiveCamera, type StencilFunc, type WebGLRenderer,
} from "three";
import { brainMaterial, type BrainPass } from "./brain_material";
import type { Look } from "./look";
import type { Surface } from "./surface";

/** How much of the brain's near side is drawn over tumour. */
const OVER_TUMOUR = 0.3;
/** In the order they are drawn. */
const PASSES: readonly BrainPass[] = ["inside", "depth", "rim"];

/**
 * The brain's hull, drawn once for all panels that look at it alike and laid behind and over each panel's tumour.
 *
 * The tumour lies within the brain, so no depth is shared between the two. Drawing it once a frame instead of
 * once a panel is most of the speed on machines without a graphics card.
 */
export class BrainLayer {
  private readonly far = new Scene();
  private readonly near = new Scene();
  private readonly farPicture = new WebGLRenderTarget(1, 1, { samples: 4, depthBuffer: false });
  private readonly nearPicture = new WebGLRenderTarget(1, 1, { samples: 4 });
  private readonly sheet = new Mesh(new PlaneGeometry(2, 2), undefined);
  private readonly flat = new OrthographicCamera();
  private readonly behind = overlay(this.farPicture, 1, AlwaysStencilFunc);
  private readonly beside = overlay(this.nearPicture, 1, EqualStencilFunc);
  private readonly above = overlay(this.nearPicture, OVER_TUMOUR, NotEqualStencilFunc);
  /** One a pass, kept from case to case: a shader whose last material is freed is compiled again for the next. */
  private readonly materials: readonly ShaderMaterial[];
  private drawnFor = "";

  constructor(private readonly renderer: WebGLRenderer, private readonly look: Look) {
    this.materials = PASSES.map((pass) => brainMaterial(look, pass));
    this.sheet.frustumCulled = false;
  }

  /** Show a brain whose geometry belongs to the caller; null shows none. */
  show(surface: Surface | null): void {
    for (const scene of [this.far, this.near]) scene.clear();
    if (surface === null) return;
    PASSES.forEach((pass, order) => {
      const scene = pass === "inside" ? this.far : this.near;
      const mesh = new Mesh(surface.geometry, this.materials[order]);
      mesh.matrixAutoUpdate = false;
      mesh.matrix.copy(surface.toMm);
      mesh.renderOrder = order;
      scene.add(mesh);
    });
    this.forget();
  }

  /** Draw anew at the next occasion: the look has changed, or the context was lost. */
  forget(): void {
    this.drawnFor = "";
  }

  /** Make the pictures for a camera, unless they are made; sizes in device pixels. */
  prepare(camera: PerspectiveCamera, width: number, height: number): void {
    const wanted = `${width} ${height} ${camera.matrix.elements} ${camera.projectionMatrix.elements} ${this.look.cut.value.toArray()}`;
    if (wanted === this.drawnFor) return;
    this.drawnFor = wanted;
    for (const [scene, picture] of [[this.far, this.farPicture], [this.near, this.nearPicture]] as const) {
      picture.setSize(width, height);
      this.renderer.setRenderTarget(picture);
      this.renderer.clear();
      this.renderer.render(scene, camera);
    }
    this.renderer.setRenderTarget(null);
  }

  /** Lay the far side into the current viewport, before the tumour is drawn. */
  drawBehind(): void {
    this.lay(this.behind);
  }

  /** Lay the near side over the current viewport, fainter where the tumour is. */
  drawOver(): void {
    this.lay(this.beside);
    this.lay(this.above);
  }

  dispose(): void {
    this.show(null);
    for (const thing of [...this.materials, this.farPicture, this.nearPicture, this.behind, this.beside, this.above, this.sheet.geometry]) thing.dispose();
  }

  private lay(material: ShaderMaterial): void {
    this.sheet.material = material;
    this.renderer.render(this.sheet, this.flat);
  }
}

function overlay(picture: WebGLRenderTarget, strength: number, stencilFunc: StencilFunc): ShaderMaterial {
  return new ShaderMaterial({
    vertexShader: "varying vec2 vAt; void main() { vAt = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }",
    fragmentShader: "uniform sampler2D uPicture; uniform float uStrength; varying vec2 vAt; void main() { gl_FragColor = texture2D(uPicture, vAt) * uStrength; }",
    uniforms: { uPicture: { value: picture.texture }, uStrength: { value: strength } },
    transparent: true,
    depthTest: false,
    depthWrite: false,
    blending: CustomBlending,
    blendSrc: OneFactor,
    blendDst: OneMinusSrcAlphaFactor,
    stencilWrite: true,
    stencilFunc,
    stencilRef: 0,
  });
}
