import { Box3, Mesh, type DataTexture, type ShaderMaterial } from "three";
import { linearOfSrgb, rgbOfHex } from "../maths/colours";
import { isVeil, solidity, solidityAt } from "../maths/solidity";
import type { Label } from "../props";
import { componentStates } from "./component_states";
import { COMPONENT, DISTANCE } from "./prepare";
import type { Look } from "./look";
import { dispose, placed, type Surface } from "./surface";
import type { Layer } from "./tissue_painter";
import { tumourMaterial, tumourUniforms, type TumourUniforms } from "./tumour_material";

/** A label's surface as it stands in one panel. */
export interface Tissue {
  readonly label: Label;
  readonly surface: Surface;
  readonly mesh: Mesh;
  /** For pictures in motion; the same mesh where there is none. */
  readonly rough: Mesh;
  readonly states: DataTexture;
  readonly uniforms: TumourUniforms;
}

/** What a label is drawn with; kept from case to case, for compiling shaders takes longer than drawing. */
interface Dress {
  readonly uniforms: TumourUniforms;
  readonly material: ShaderMaterial;
}

/** Surfaces of several labels that are shown together. */
export class Tissues {
  list: Tissue[] = [];
  private readonly dresses = new Map<string, Dress>();

  constructor(private readonly look: Look) {}

  /** Replace them; surfaces of labels that are not named are left out. */
  show(surfaces: readonly Surface[], labels: readonly Label[]): void {
    this.clear();
    this.list = surfaces.flatMap((surface) => {
      const label = labels.find(({ name }) => name === surface.name);
      return label === undefined ? [] : [this.tissue(surface, label)];
    });
  }

  /** What is shown of them, the most solid first: what is drawn later lies over it as a veil. */
  layers(isRough: boolean): Layer[] {
    const solidFirst = this.list.filter(({ mesh }) => mesh.visible).sort((a, b) => solidity(b.label.name)[0] - solidity(a.label.name)[0]);
    return solidFirst.map(({ label, mesh, rough }) => ({ object: isRough ? rough : mesh, isVeil: isVeil(label.name) }));
  }

  /** Take out and free them. */
  clear(): void {
    for (const { surface, states } of this.list) {
      dispose(surface);
      states.dispose();
    }
    this.list = [];
  }

  /** Show the layers whose name is not switched off. */
  showLayers(layers: Readonly<Record<string, boolean>>): void {
    for (const { label, mesh } of this.list) mesh.visible = layers[label.name] !== false;
  }

  /** Make labels as opaque as somebody wants them, the others as they are by default. */
  setOpacity(opacity: Readonly<Record<string, number>>): void {
    for (const { label, uniforms } of this.list) {
      const wanted = opacity[label.name];
      uniforms.uOpacity.value.set(...(wanted === undefined ? solidity(label.name) : solidityAt(label.name, wanted)));
    }
  }

  /** The box around all of them, mm; empty without any. */
  bounds(): Box3 {
    const box = new Box3();
    for (const { mesh } of this.list) box.expandByObject(mesh);
    return box;
  }

  /** Free everything. */
  dispose(): void {
    this.clear();
    for (const { material } of this.dresses.values()) material.dispose();
  }

  private dressFor({ name, colour }: Label, isVoxels: boolean, hasDistance: boolean): Dress {
    const key = `${name} ${colour} ${isVoxels} ${hasDistance}`;
    const known = this.dresses.get(key);
    if (known !== undefined) return known;
    const uniforms = tumourUniforms(linearOfSrgb(rgbOfHex(colour)), solidity(name));
    const dress = { uniforms, material: tumourMaterial(uniforms, this.look, { isVoxels, hasDistance }) };
    this.dresses.set(key, dress);
    return dress;
  }

  private tissue(surface: Surface, label: Label): Tissue {
    const states = componentStates(surface.components);
    const { uniforms, material } = this.dressFor(label, surface.isVoxels, surface.geometry.hasAttribute(DISTANCE));
    uniforms.uStates.value = states;
    const mesh = placed(new Mesh(surface.geometry, material), surface.toMm);
    const rough = surface.rough === null ? mesh : placed(new Mesh(surface.rough, material), surface.toMm);
    return { label, surface, states, uniforms, mesh, rough };
  }
}

/** The component a triangle of a tissue belongs to; 0 where they are not numbered. */
export function componentAt({ surface }: Tissue, vertex: number): number {
  return surface.geometry.getAttribute(COMPONENT)?.getX(vertex) ?? 0;
}
