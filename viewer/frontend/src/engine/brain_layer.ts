import { AlwaysStencilFunc, EqualStencilFunc, Mesh, NotEqualStencilFunc, type BufferGeometry, type PerspectiveCamera, type ShaderMaterial, type WebGLRenderer } from "three";
import { brainMaterial } from "./brain_material";
import type { Look } from "./look";
import { PictureTarget, type Edges } from "./picture_target";
import { laid, Sheet } from "./sheet";
import { placed, type Surface } from "./surface";

/** How much of the brain's near side is drawn over tumour. */
const OVER_TUMOUR = 0.3;

/** One side of the hull: what is drawn with, what is drawn, and the picture of it. */
interface Side {
  /** Kept from case to case: a shader whose last material is freed is compiled again for the next. */
  readonly material: ShaderMaterial;
  readonly picture: PictureTarget;
  mesh: Mesh | null;
  /** For pictures in motion. */
  rough: Mesh | null;
}

/**
 * The brain's hull, drawn once for all panels that look at it alike and laid behind and over each panel's tumour.
 *
 * The tumour lies within the brain, so no depth is shared between the two. Drawing it once a frame instead of
 * once a panel is most of the speed on machines without a graphics card.
 */
export class BrainLayer {
  private readonly far: Side;
  private readonly near: Side;
  private readonly sheet: Sheet;
  private readonly behind = laid({ stencil: { func: AlwaysStencilFunc, ref: 0 } });
  private readonly beside = laid({ stencil: { func: EqualStencilFunc, ref: 0 } });
  private readonly above = laid({ strength: OVER_TUMOUR, stencil: { func: NotEqualStencilFunc, ref: 0 } });
  private drawnFor = "";
  private isDrawnRoughly = false;

  constructor(private readonly renderer: WebGLRenderer, private readonly look: Look, edges: Edges) {
    this.far = { material: brainMaterial(look, "inside"), picture: new PictureTarget(edges, false), mesh: null, rough: null };
    this.near = { material: brainMaterial(look, "rim"), picture: new PictureTarget(edges), mesh: null, rough: null };
    this.sheet = new Sheet(renderer);
  }

  /** Show a brain whose geometry belongs to the caller; null shows none. */
  show(surface: Surface | null): void {
    for (const side of [this.far, this.near]) {
      const meshOf = (geometry: BufferGeometry) => placed(new Mesh(geometry, side.material), surface!.toMm);
      side.mesh = surface === null ? null : meshOf(surface.geometry);
      side.rough = surface === null || surface.rough === null ? side.mesh : meshOf(surface.rough);
    }
    this.forget();
  }

  /** Draw anew at the next occasion: the look has changed, or the context was lost. */
  forget(): void {
    this.drawnFor = "";
  }

  /** Make the pictures for a camera, unless they are made as finely as is wanted; sizes in device pixels. */
  prepare(camera: PerspectiveCamera, width: number, height: number, isRough: boolean): void {
    const wanted = `${width} ${height} ${camera.matrix.elements} ${camera.projectionMatrix.elements} ${this.look.cut.value.toArray()}`;
    if (wanted === this.drawnFor && (isRough || !this.isDrawnRoughly)) return;
    this.drawnFor = wanted;
    this.isDrawnRoughly = isRough;
    for (const { mesh: fine, rough, picture } of [this.far, this.near]) {
      const mesh = isRough ? rough : fine;
      if (mesh === null) continue;
      picture.begin(this.renderer, width, height);
      this.renderer.clear();
      this.renderer.render(mesh, camera);
    }
    this.renderer.setRenderTarget(null);
  }

  /** Lay the far side into the current viewport, before the tumour is drawn. */
  drawBehind(): void {
    this.sheet.lay(this.behind, this.far.picture);
  }

  /** Lay the near side over the current viewport, fainter where the tumour is. */
  drawOver(): void {
    this.sheet.lay(this.beside, this.near.picture);
    this.sheet.lay(this.above, this.near.picture);
  }

  dispose(): void {
    this.show(null);
    const sides = [this.far, this.near].flatMap(({ material, picture }) => [material, picture]);
    for (const thing of [...sides, this.sheet, this.behind, this.beside, this.above]) thing.dispose();
  }
}
