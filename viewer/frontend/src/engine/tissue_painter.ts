import { AlwaysStencilFunc, EqualStencilFunc, ReplaceStencilOp, type Object3D, type PerspectiveCamera, type WebGLRenderer } from "three";
import { PictureTarget, type Edges } from "./picture_target";
import { laid, Sheet } from "./sheet";

/** Something that is drawn by itself and laid over what lies deeper. */
export interface Layer {
  readonly object: Object3D;
  /** Looked through: thinner above the core, whose colours shall not be mistaken. */
  readonly isVeil: boolean;
}

/** Bits of the stencil: where the solid core of the tumour is drawn, and where any tissue is. */
const CORE = 1;
const TISSUE = 2;
/** How thick a veil is above the core. */
const ABOVE_CORE = 0.4;

/**
 * Draws the tissues of a panel, each once: its nearest facet into a picture, and that over the ones before it.
 *
 * So translucent tissue has one even veil however folded its surface is. All layers of a panel share one depth, so
 * that none shows through another that is nearer. Without a graphics card a frame takes as long as it has triangles.
 */
export class TissuePainter {
  private readonly still: PictureTarget;
  private readonly rough = new PictureTarget("rough");
  private readonly sheet: Sheet;
  private readonly core = laid({ stencil: { func: AlwaysStencilFunc, ref: TISSUE | CORE, writeMask: TISSUE | CORE, zPass: ReplaceStencilOp } });
  private readonly besideCore = laid({ stencil: { func: EqualStencilFunc, ref: TISSUE, readMask: CORE, writeMask: TISSUE, zPass: ReplaceStencilOp } });
  private readonly aboveCore = laid({ thickness: ABOVE_CORE, stencil: { func: EqualStencilFunc, ref: TISSUE | CORE, readMask: CORE, writeMask: TISSUE, zPass: ReplaceStencilOp } });

  constructor(private readonly renderer: WebGLRenderer, edges: Edges) {
    this.still = new PictureTarget(edges);
    this.sheet = new Sheet(renderer);
  }

  /**
   * Draw layers, the deepest first, and lay them where `place` puts the viewport; sizes in device pixels.
   * A rough picture has no smoothed edges.
   */
  paint(layers: readonly Layer[], camera: PerspectiveCamera, width: number, height: number, isRough: boolean, place: () => void): void {
    const picture = isRough ? this.rough : this.still;
    layers.forEach(({ object, isVeil }, number) => {
      picture.begin(this.renderer, width, height);
      this.renderer.clear(true, number === 0, false);
      this.renderer.render(object, camera);
      this.renderer.setRenderTarget(null);
      place();
      for (const material of isVeil ? [this.besideCore, this.aboveCore] : [this.core]) this.sheet.lay(material, picture);
    });
  }

  dispose(): void {
    for (const thing of [this.still, this.rough, this.sheet, this.core, this.besideCore, this.aboveCore]) thing.dispose();
  }
}
