import type { Box3 } from "three";
import type { Label } from "../props";
import { selectComponents } from "./component_states";
import { cutFace, disposeFace, type Cut } from "./cut";
import type { Look } from "./look";
import type { Surface } from "./surface";
import type { Layer } from "./tissue_painter";
import { Tissues, type Tissue } from "./tissues";

/** What one panel shows: the tissues of its source, or instead of them its comparison with the reference. */
export class PanelScene {
  /** Errors or distances; they hide the tissues while `isCompared`. */
  readonly comparison: Tissues;
  isCompared = false;
  private readonly own: Tissues;
  private face: ReturnType<typeof cutFace> | null = null;

  constructor(look: Look) {
    this.own = new Tissues(look);
    this.comparison = new Tissues(look);
  }

  get tissues(): readonly Tissue[] {
    return this.own.list;
  }

  /** What a ray can hit. */
  get visible(): readonly Tissue[] {
    return this.shown.list.filter(({ mesh }) => mesh.visible);
  }

  /** What is drawn, the deepest first; roughly where the picture moves. */
  layers(isRough: boolean): Layer[] {
    const face = this.face === null ? [] : [{ object: this.face, isVeil: false }];
    return [...face, ...this.shown.layers(isRough)];
  }

  private get shown(): Tissues {
    return this.isCompared ? this.comparison : this.own;
  }

  /** Replace the tissues; surfaces of labels that the study does not name are left out. */
  show(surfaces: readonly Surface[], labels: readonly Label[]): void {
    this.own.show(surfaces, labels);
  }

  /** Take out and free the tissues. */
  clear(): void {
    this.own.clear();
  }

  /** Show the comparison instead of the tissues, or the tissues again. */
  compare(isCompared: boolean): void {
    this.isCompared = isCompared;
    if (!isCompared) this.comparison.clear();
  }

  /** Show the layers whose name is not switched off. */
  showLayers(layers: Readonly<Record<string, boolean>>): void {
    this.own.showLayers(layers);
  }

  /** Make labels as opaque as somebody wants them. */
  setOpacity(opacity: Readonly<Record<string, number>>): void {
    this.own.setOpacity(opacity);
  }

  /** Light up components of one label and dim or hide all else; null ends it. */
  select(label: string | null, components: readonly number[], isAlone: boolean): void {
    for (const tissue of this.tissues) {
      selectComponents(tissue.states, tissue.label.name === label ? components : [], isAlone && label !== null);
      tissue.uniforms.uDim.value = label === null ? 0 : 1;
    }
  }

  /** Free everything. */
  dispose(): void {
    this.own.dispose();
    this.comparison.dispose();
    this.showCut(null, "");
  }

  /** Lay the face of a cut beside the tissues; null takes it out. */
  showCut(cut: Cut | null, key: string): void {
    if (this.face !== null) disposeFace(this.face);
    const picture = cut?.pictures.get(key);
    this.face = cut !== null && picture !== undefined ? cutFace(cut, picture) : null;
  }

  /** The box around all tissues, mm; empty without any. */
  bounds(): Box3 {
    return this.own.bounds();
  }
}
