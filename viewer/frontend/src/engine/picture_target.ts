import { WebGLRenderTarget, type Texture, type WebGLRenderer } from "three";

/** Samples a pixel where a graphics card smooths edges. */
const SAMPLES = 4;
/** Without one, samples double the time a triangle takes, while pixels cost little: a picture has this many a pixel and side. */
const FINENESS = 2;
/** Panels differ in size by a pixel; a picture for a file is of one more size. */
const MOST_SIZES = 3;

/** How the edges of a picture are smoothed: not at all, by a graphics card, or by drawing finer pixels. */
export type Edges = "rough" | "sampled" | "finer";

/**
 * A picture to draw into and to lay over the page. There is one for each of the sizes used last: pixels fit to the bit,
 * so what is drawn again looks the same.
 */
export class PictureTarget {
  private readonly targets: WebGLRenderTarget[] = [];

  constructor(private readonly edges: Edges, private readonly depthBuffer = true) {}

  /** The picture that was begun last. */
  get texture(): Texture {
    return this.targets[0].texture;
  }

  /** Draw into it from now on, as if it were of this size in pixels. */
  begin(renderer: WebGLRenderer, width: number, height: number): void {
    const fineness = this.edges === "finer" ? FINENESS : 1;
    const [across, down] = [width * fineness, height * fineness];
    const place = this.targets.findIndex((target) => target.width === across && target.height === down);
    const target = place < 0 ? new WebGLRenderTarget(across, down, { samples: this.edges === "sampled" ? SAMPLES : 0, depthBuffer: this.depthBuffer }) : this.targets.splice(place, 1)[0];
    this.targets.unshift(target);
    for (const old of this.targets.splice(MOST_SIZES)) old.dispose();
    renderer.setRenderTarget(target);
  }

  dispose(): void {
    for (const target of this.targets.splice(0)) target.dispose();
  }
}
