import { WebGLRenderTarget, type Texture, type WebGLRenderer } from "three";

/** Samples a pixel where a graphics card smooths edges. */
const SAMPLES = 4;
/** Without one, samples double the time a triangle takes, while pixels cost little: a picture has this many a pixel and side. */
const FINENESS = 2;

/** How the edges of a picture are smoothed: not at all, by a graphics card, or by drawing finer pixels. */
export type Edges = "rough" | "sampled" | "finer";

/** A picture to draw into and to lay over the page; its part that is in use begins at the lower left. */
export class PictureTarget {
  private readonly target: WebGLRenderTarget;
  private readonly fineness: number;
  private size: readonly [width: number, height: number] = [1, 1];

  constructor(edges: Edges, depthBuffer = true) {
    this.target = new WebGLRenderTarget(1, 1, { samples: edges === "sampled" ? SAMPLES : 0, depthBuffer });
    this.fineness = edges === "finer" ? FINENESS : 1;
  }

  get texture(): Texture {
    return this.target.texture;
  }

  /** The part in use, as shares of the whole. */
  get part(): readonly [width: number, height: number] {
    return [this.size[0] / this.target.width, this.size[1] / this.target.height];
  }

  /** Draw into it from now on, as if it were of this size in pixels; panels differ by one, and a picture for a file is far larger. */
  begin(renderer: WebGLRenderer, width: number, height: number): void {
    const { target } = this;
    const [across, down] = (this.size = [width * this.fineness, height * this.fineness]);
    const isEnough = target.width >= across && target.height >= down;
    if (!isEnough || target.width * target.height > 2 * across * down) target.setSize(across, down);
    target.viewport.set(0, 0, across, down);
    renderer.setRenderTarget(target);
  }

  dispose(): void {
    this.target.dispose();
  }
}
