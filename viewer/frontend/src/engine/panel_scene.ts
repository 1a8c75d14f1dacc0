import { Box3, Group, Mesh, Scene, type DataTexture, type Matrix4, type ShaderMaterial } from "three";
import { linearOfSrgb, rgbOfHex } from "../maths/colours";
import { isVeil, solidity } from "../maths/solidity";
import type { Label } from "../props";
import { componentStates, selectComponents } from "./component_states";
import { cutFace, disposeFace, type Cut } from "./cut";
import { COMPONENT } from "./load_surfaces";
import type { Look } from "./look";
import { soften } from "./soften";
import type { Surface } from "./surface";
import { tumourMaterial, tumourUniforms, type TumourPass, type TumourUniforms } from "./tumour_material";

/** A label's surface as it stands in one panel. */
export interface Tissue {
  readonly label: Label;
  readonly surface: Surface;
  /** For rays: one of the meshes that draw it. */
  readonly mesh: Mesh;
  readonly group: Group;
  readonly states: DataTexture;
  readonly uniforms: TumourUniforms;
}

const CORE_PASSES: readonly TumourPass[] = ["depth", "core"];
const VEIL_PASSES: readonly TumourPass[] = ["depth", "veil", "veilAboveCore"];

/** What one panel shows: the tissues of its source. */
export class PanelScene {
  readonly scene = new Scene();
  tissues: Tissue[] = [];
  private readonly dresses = new Map<string, Dress>();
  private face: ReturnType<typeof cutFace> | null = null;

  constructor(private readonly look: Look) {
    this.scene.matrixAutoUpdate = false;
  }

  /** Replace the tissues; surfaces of labels that the study does not name are left out. */
  show(surfaces: readonly Surface[], labels: readonly Label[]): void {
    this.clear();
    this.tissues = surfaces.flatMap((surface) => {
      const label = labels.find(({ name }) => name === surface.name);
      return label === undefined ? [] : [this.tissue(surface, label)];
    });
    // the most solid first: what is drawn later lies over it as a veil
    const solidFirst = [...this.tissues].sort((a, b) => solidity(b.label.name)[0] - solidity(a.label.name)[0]);
    solidFirst.forEach((tissue, place) => {
      tissue.group.children.forEach((mesh, pass) => (mesh.renderOrder = 3 * place + pass));
      this.scene.add(tissue.group);
    });
  }

  /** Take out and free the tissues. */
  clear(): void {
    for (const { group, surface, states } of this.tissues) {
      this.scene.remove(group);
      surface.geometry.dispose();
      states.dispose();
    }
    this.tissues = [];
  }

  /** Show the layers whose name is not switched off. */
  showLayers(layers: Readonly<Record<string, boolean>>): void {
    for (const { label, group } of this.tissues) group.visible = layers[label.name] !== false;
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
    this.clear();
    this.showCut(null, "");
    for (const { materials } of this.dresses.values()) for (const material of materials) material.dispose();
  }

  /** Lay the face of a cut into the scene; null takes it out. */
  showCut(cut: Cut | null, key: string): void {
    if (this.face !== null) {
      this.scene.remove(this.face);
      disposeFace(this.face);
    }
    const picture = cut?.pictures.get(key);
    this.face = cut !== null && picture !== undefined ? cutFace(cut, picture) : null;
    if (this.face !== null) this.scene.add(this.face);
  }

  /** The box around all tissues, mm; empty without any. */
  bounds(): Box3 {
    const box = new Box3();
    for (const { mesh } of this.tissues) box.expandByObject(mesh);
    return box;
  }

  private dressFor({ name, colour }: Label, isVoxels: boolean): Dress {
    const key = `${name} ${colour} ${isVoxels}`;
    const known = this.dresses.get(key);
    if (known !== undefined) return known;
    const uniforms = tumourUniforms(linearOfSrgb(rgbOfHex(colour)), solidity(name));
    const passes = isVeil(name) ? VEIL_PASSES : CORE_PASSES;
    const dress = { uniforms, materials: passes.map((pass) => tumourMaterial(uniforms, this.look, pass, isVoxels)) };
    this.dresses.set(key, dress);
    return dress;
  }

  private tissue(surface: Surface, label: Label): Tissue {
    soften(surface);
    const states = componentStates(surface.components);
    const { uniforms, materials } = this.dressFor(label, surface.isVoxels);
    uniforms.uStates.value = states;
    const group = new Group();
    for (const material of materials) group.add(placed(new Mesh(surface.geometry, material), surface.toMm));
    return { label, surface, states, uniforms, group, mesh: group.children[1] as Mesh };
  }
}

/** What a label is drawn with; kept from case to case, for compiling shaders takes longer than drawing. */
interface Dress {
  readonly uniforms: TumourUniforms;
  readonly materials: readonly ShaderMaterial[];
}

/** The component a triangle of a tissue belongs to; 0 where they are not numbered. */
export function componentAt({ surface }: Tissue, vertex: number): number {
  return surface.geometry.getAttribute(COMPONENT)?.getX(vertex) ?? 0;
}

function placed(mesh: Mesh, toMm: Matrix4): Mesh {
  mesh.matrixAutoUpdate = false;
  mesh.matrix.copy(toMm);
  mesh.matrixWorldNeedsUpdate = true;
  return mesh;
}
