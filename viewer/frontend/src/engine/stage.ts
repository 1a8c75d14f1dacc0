import { Box3, PerspectiveCamera, WebGLRenderer, LinearSRGBColorSpace } from "three";
import { componentAround } from "../maths/counterparts";
import { mmPerPixel } from "../maths/fit";
import { basisOf } from "../maths/orbit";
import type { Vec3 } from "../maths/vec3";
import type { Comparison, Label, Selection } from "../props";
import type { Badge } from "./badge";
import { BrainLayer } from "./brain_layer";
import { placeCamera, type Subject } from "./camera";
import { isCoarseEnough, wishFor } from "./coarseness";
import { Cameras } from "./cameras";
import { Comparing } from "./comparing";
import { faceCut, type Cut } from "./cut";
import { Downloads } from "./downloads";
import { fittedBox } from "./fitted_box";
import { Frames } from "./frames";
import { listenForGestures, type GestureTarget } from "./gestures";
import { changeLook, look, type Theme } from "./look";
import { PanelScene } from "./panel_scene";
import { choose, hitsUnder } from "./pick";
import { readingOf, type PanelReading } from "./read_panel";
import { seedsOf } from "./seeds_of";
import { Selected } from "./selected";
import { isDrawnBySoftware } from "./software";
import type { Loaded } from "./load_surfaces";
import type { StageEvents } from "./stage_events";
import { dispose, type Surface } from "./surface";
import { TissuePainter } from "./tissue_painter";
import { watchContext, watchHands, watchSize } from "./watch";
import { trianglesOf } from "./triangles_of";
import { boxOnCanvas, fitCanvas, type Stand, type View } from "./view";

const BRAIN = " brain";

/** The engine: one WebGL context that draws every panel's view into its place on one canvas, when something changed. */
export class Stage implements GestureTarget {
  readonly faults = new Map<string, string>();
  /** What each panel's file says about its fidelity; absent where it says nothing. */
  readonly badges = new Map<string, Badge>();
  readonly selected = new Selected();
  readonly cameras: Cameras;
  readonly comparing: Comparing;
  frames = 0;
  isLost = false;
  private readonly renderer: WebGLRenderer;
  private readonly look = look("dark");
  private readonly views = new Map<string, View>();
  private readonly downloads: Downloads;
  private readonly brainLayer: BrainLayer;
  private readonly painter: TissuePainter;
  private readonly endings: (() => void)[] = [];
  private labels: readonly Label[] = [];
  private layers: Readonly<Record<string, boolean>> = {};
  private opacity: Readonly<Record<string, number>> = {};
  private asked: Readonly<Record<string, string | null>> = {};
  private brain: Surface | null = null;
  private cutPlane: Cut | null = null;
  private isStale = false;
  private readonly isSoftware = isDrawnBySoftware();
  private readonly occasions = new Frames((isRough) => this.draw(isRough), this.isSoftware);

  /** Throws where the browser has no WebGL2. */
  constructor(private readonly root: HTMLElement, private readonly canvas: HTMLCanvasElement, private readonly events: StageEvents) {
    const context = canvas.getContext("webgl2", { alpha: true, antialias: false, depth: false, stencil: true, powerPreference: "high-performance" });
    if (context === null) throw new Error("no WebGL 2");
    this.renderer = new WebGLRenderer({ canvas, context });
    this.renderer.outputColorSpace = LinearSRGBColorSpace; // the shaders end in sRGB themselves
    this.renderer.autoClear = false;
    this.renderer.debug.checkShaderErrors = false; // asking makes the browser wait for every compilation
    const edges = this.isSoftware ? "finer" : "sampled";
    this.brainLayer = new BrainLayer(this.renderer, this.look, edges);
    this.painter = new TissuePainter(this.renderer, edges);
    this.cameras = new Cameras({
      root,
      views: this.views,
      sizeOf: (key) => this.sizeOf(key),
      request: () => this.request(),
      moved: () => events.cameraMoved(),
    });
    this.comparing = new Comparing({ look: this.look, panel: (key) => this.views.get(key)?.panel, changed: () => this.changed() });
    this.downloads = new Downloads({
      arrived: (key, loaded) => this.arrived(key, loaded),
      failed: (key, sentence) => this.failed(key, sentence),
      settled: () => this.changed(),
    }, (key) => wishFor(key === BRAIN ? "brain" : "tissue", this.isSoftware));
    this.endings.push(listenForGestures(root, this), watchSize(root, () => this.request()), watchContext(canvas, (isLost) => this.contextChanged(isLost)), watchHands(() => this.occasions.postpone()));
  }

  /** Whether anything asked for is yet to arrive or to be drawn. */
  get isLoading(): boolean {
    return this.downloads.isBusy || this.comparing.isBusy || this.isStale;
  }

  /** Whether a panel's surfaces are on stage. */
  isShown(key: string): boolean {
    return (this.views.get(key)?.panel.tissues.length ?? 0) > 0;
  }

  /** Name the panels and their files. With `isNewCase` nothing of the case before stays to be seen. */
  open(urls: Readonly<Record<string, string | null>>, brainUrl: string | null, labels: readonly Label[], isNewCase: boolean): void {
    this.labels = labels;
    this.asked = { ...urls, [BRAIN]: brainUrl };
    this.faults.clear();
    for (const key of [...this.views.keys()]) if (!(key in urls)) this.close(key);
    for (const [key, url] of Object.entries(urls)) this.ask(key, url, isNewCase);
    if (this.downloads.addressOf(BRAIN) !== brainUrl) this.setBrain(null);
    this.downloads.ask(BRAIN, brainUrl);
    if (isNewCase) this.cameras.centre();
    this.changed();
  }

  /** Ask again for what could not be had. */
  retry(): void {
    this.faults.clear();
    for (const [key, url] of Object.entries(this.asked)) this.downloads.ask(key, url);
    this.comparing.retry();
    this.changed();
  }

  /** Tell where on the page a panel's view lies; null takes it away. */
  attach(key: string, element: HTMLElement | null): void {
    this.view(key).element = element;
    this.request();
  }

  showLayers(layers: Readonly<Record<string, boolean>>): void {
    this.layers = layers;
    for (const { panel } of this.views.values()) panel.showLayers(layers);
    this.request();
  }

  /** Make labels as opaque as somebody wants them, 0 to 1; the others are as their tissue is. */
  setOpacity(opacity: Readonly<Record<string, number>>): void {
    this.opacity = opacity;
    for (const { panel } of this.views.values()) panel.setOpacity(opacity);
    this.request();
  }

  /** Show errors or distances instead of labels; null shows labels. */
  compare(comparison: Comparison | null): void {
    this.comparing.open(comparison, [...this.views.keys()]);
  }

  /** Have the selected component, or else the tumour, fill the views. */
  fit(): void {
    this.cameras.fit(fittedBox(this.panels(), this.selected));
  }

  /** Light up a component and its counterparts in all panels. */
  select(selection: Selection | null): void {
    this.selected.apply(this.panels(), selection);
    this.changed();
  }

  /** Hide everything but the selected component and its counterparts; nothing selected hides nothing. */
  isolate(isAlone: boolean): void {
    if (this.selected.isAlone === isAlone) return;
    this.selected.isAlone = isAlone;
    this.select(this.selected.selection);
  }

  /** A point on the surface of each component that stands for the selected one in a panel; mm. */
  seeds(key: string): Vec3[] {
    const [view, found, selection] = [this.views.get(key), this.selected.in(key), this.selected.selection];
    return view === undefined || found === null || selection === null ? [] : seedsOf(view.panel, selection.label, found.components);
  }

  /** The component of a panel's label that holds a point; null where none does. */
  componentAt(key: string, label: string, mm: Vec3): number | null {
    const surface = this.views.get(key)?.panel.tissues.find((tissue) => tissue.label.name === label)?.surface;
    return surface === undefined ? null : componentAround(trianglesOf(surface), mm);
  }

  /** Cut the near half of every panel away; null makes them whole. */
  cut(cut: Cut | null): void {
    this.cutPlane = cut;
    for (const [key, { panel }] of this.views) panel.showCut(cut, key);
    this.request();
  }

  /** Have what is written over the views put in place again, without drawing. */
  announce(): void {
    if (this.cameras.subject !== null) for (const [key, view] of this.views) if (view.element !== null) this.events.drawn(key, view);
  }

  setTheme(theme: Theme): void {
    changeLook(this.look, theme);
    this.brainLayer.forget();
    this.request();
  }

  turn(key: string, dx: number, dy: number): void {
    this.cameras.turn(key, dx, dy);
  }

  move(key: string, dx: number, dy: number): void {
    this.cameras.move(key, dx, dy);
  }

  zoom(key: string, factor: number, x: number, y: number): void {
    this.cameras.zoom(key, factor, x, y);
  }

  click(key: string, x: number, y: number, isDouble: boolean): void {
    const view = this.view(key);
    const hits = hitsUnder(view.panel, view.camera, x, y, ...this.sizeOf(key));
    if (isDouble) hits[0] && this.cameras.aim(key, hits[0].mm);
    else if (view.panel.isCompared) hits[0] && this.events.located(hits[0].mm);
    else this.events.picked(key, choose(hits, this.selected.selection));
  }

  /**
   * Draw a panel alone in the canvas's corner and sum up its pixels; null for a panel that is not on the page.
   * The corner is the same for all, so panels that show the same read the same to the bit.
   */
  readPanel(key: string): PanelReading | null {
    const [view, box] = [this.views.get(key), this.boxOf(key)];
    if (view === undefined || box === null || this.isLost) return null;
    this.begin();
    if (this.cameras.subject !== null) this.drawView(view, this.cameras.subject, new DOMRect(0, 0, box.width, box.height), false);
    const [width, height] = [box.width, box.height].map((length) => Math.round(length * this.renderer.getPixelRatio()));
    const pixels = new Uint8Array(width * height * 4);
    const gl = this.renderer.getContext();
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    this.request();
    return readingOf(pixels, width, height);
  }

  /**
   * Draw views at another size than the page's, one after the other, and let `take` have the canvas while each fills
   * it. The page is drawn again before it is seen. What is not on stage is left out.
   */
  renderAt(keys: readonly string[], width: number, height: number, take: (key: string, stand: Stand, canvas: HTMLCanvasElement) => void): void {
    const { subject } = this.cameras;
    if (this.isLost || subject === null) return;
    this.renderer.setPixelRatio(1);
    this.renderer.setSize(width, height, false);
    for (const key of keys) {
      const view = this.views.get(key);
      if (view === undefined || view.panel.tissues.length === 0) continue;
      this.clear();
      this.drawView(view, subject, new DOMRect(0, 0, width, height), false);
      take(key, view, this.canvas);
    }
    this.renderer.setSize(1, 1, false); // so that the next frame fits the canvas to the page again, whatever its size
    this.brainLayer.forget();
    this.request();
  }

  /** How many geometries, textures and shaders the graphics card holds. */
  memory(): { geometries: number; textures: number; programs: number } {
    const { memory, programs } = this.renderer.info;
    return { geometries: memory.geometries, textures: memory.textures, programs: programs?.length ?? 0 };
  }

  /** Draw at the next occasion, once however often asked. */
  request(): void {
    this.occasions.request();
  }

  dispose(): void {
    this.occasions.stop();
    this.cameras.stop();
    this.downloads.forgetAll();
    this.comparing.dispose();
    for (const ending of this.endings) ending();
    for (const key of [...this.views.keys()]) this.close(key);
    this.brainLayer.dispose();
    this.painter.dispose();
    if (this.brain !== null) dispose(this.brain);
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }

  private draw(isRough: boolean): void {
    // without a graphics card a frame for each surface that arrives costs as much as one for all
    if (this.isLost || (this.isSoftware && this.downloads.isBusy && (!isRough || [...this.views.keys()].some((key) => this.isShown(key))))) return;
    this.begin();
    for (const [key, view] of this.views) {
      const box = this.boxOf(key);
      if (box === null || box.width < 1 || box.height < 1 || this.cameras.subject === null) continue;
      this.drawView(view, this.cameras.subject, new DOMRect(box.x, this.canvas.clientHeight - box.y - box.height, box.width, box.height), isRough);
      this.events.drawn(key, view);
    }
    this.root.dataset["frames"] = String((this.frames += 1));
    if (!this.isStale) return;
    this.isStale = false;
    this.events.changed();
  }

  private begin(): void {
    fitCanvas(this.renderer, this.root);
    this.clear();
  }

  private clear(): void {
    // after a lost context three knows neither the clear colour nor the scissor test
    this.renderer.setClearColor(0x000000, 0);
    this.renderer.setScissorTest(false);
    this.renderer.clear();
    this.renderer.setScissorTest(true);
  }

  /** Draw a view into a box of the canvas; CSS pixels from its bottom left. */
  private drawView(view: View, subject: Subject, { x, y, width, height }: DOMRect, isRough: boolean): void {
    view.distanceMm = placeCamera(view.camera, view.orbit, subject, width / height);
    this.look.depth.value.set(view.distanceMm - subject.radiusMm, view.distanceMm + subject.radiusMm, 0);
    faceCut(this.look.cut, this.cutPlane, basisOf(view.orbit).toEye);
    if (view.panel.tissues.length === 0 && !view.panel.isCompared) return;
    const ratio = this.renderer.getPixelRatio();
    const hasBrain = this.brain !== null && this.layers["brain"] !== false;
    const isCoarse = isRough && isCoarseEnough(mmPerPixel(view.distanceMm, height));
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (hasBrain) this.brainLayer.prepare(view.camera, across, down, isCoarse);
    // after every other target anew: coming back from one, three rounds the viewport down where it else rounds to the nearest
    const place = () => {
      this.renderer.setViewport(x, y, width, height);
      this.renderer.setScissor(x, y, width, height);
    };
    place();
    if (hasBrain) this.brainLayer.drawBehind();
    this.painter.paint(view.panel.layers(isCoarse), view.camera, across, down, isRough, place);
    if (hasBrain) this.brainLayer.drawOver();
  }

  private panels(): ReadonlyMap<string, PanelScene> {
    return new Map([...this.views].map(([key, { panel }]) => [key, panel]));
  }

  private view(key: string): View {
    const found = this.views.get(key);
    if (found !== undefined) return found;
    const panel = new PanelScene(this.look);
    const view: View = { panel, camera: new PerspectiveCamera(), element: null, orbit: this.cameras.orbitOf(key), distanceMm: 1 };
    this.views.set(key, view);
    return view;
  }

  private ask(key: string, url: string | null, isNewCase: boolean): void {
    const { panel } = this.view(key);
    if (url === null || this.downloads.addressOf(key) !== url) this.badges.delete(key);
    if (url === null || (isNewCase && this.downloads.addressOf(key) !== url)) panel.clear();
    this.downloads.ask(key, url);
  }

  private close(key: string): void {
    this.downloads.forget(key);
    this.badges.delete(key);
    this.comparing.close(key);
    this.views.get(key)?.panel.dispose();
    this.views.delete(key);
  }

  private arrived(key: string, { surfaces, badge }: Loaded): void {
    if (badge === null) this.badges.delete(key);
    else this.badges.set(key, badge);
    if (key === BRAIN) this.setBrain(surfaces[0] ?? null);
    else this.views.get(key)?.panel.show(surfaces, this.labels);
    this.views.get(key)?.panel.showLayers(this.layers);
    this.views.get(key)?.panel.setOpacity(this.opacity);
    if (key !== BRAIN) this.selected.apply(this.panels(), this.selected.selection);
    this.changed();
  }

  private failed(key: string, sentence: string): void {
    this.faults.set(key === BRAIN ? "brain" : key, sentence);
    this.changed();
  }

  private changed(): void {
    this.isStale = true;
    if (this.brain === null && !this.downloads.isBusy) this.findSubject();
    this.events.changed();
    this.request();
  }

  private contextChanged(isLost: boolean): void {
    this.isLost = isLost;
    this.brainLayer.forget();
    this.changed();
  }

  private setBrain(surface: Surface | null): void {
    if (this.brain !== null) dispose(this.brain);
    this.brain = surface;
    this.brainLayer.show(surface);
    if (surface !== null) this.findSubject();
  }

  /** Look at the brain, or where there is none at all tissues. */
  private findSubject(): void {
    const box = new Box3();
    if (this.brain !== null) box.copy(this.brain.geometry.boundingBox!).applyMatrix4(this.brain.toMm);
    else for (const { panel } of this.views.values()) box.union(panel.bounds());
    this.cameras.lookAt(box);
  }

  private sizeOf(key: string): [number, number] {
    const box = this.boxOf(key);
    return box === null ? [1, 1] : [box.width, box.height];
  }

  private boxOf(key: string): DOMRect | null {
    return boxOnCanvas(this.canvas, this.views.get(key));
  }
}
