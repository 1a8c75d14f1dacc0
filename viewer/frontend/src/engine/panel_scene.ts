import { Box3, Group, Matrix4, Mesh, Scene, type BufferGeometry, type DataTexture } from "three";
import { linearOfSrgb, rgbOfHex } from "../maths/colours";
import { solidity } from "../maths/solidity";
import type { Label } from "../props";
import { brainMaterial, type BrainPass } from "./brain_material";
import { componentStates, selectComponents } from "./component_states";
import { COMPONENT } from "./load_surfaces";
import type { Look } from "./look";
import type { Surface } from "./surface";
import { tumourMaterial, tumourUniforms, type TumourUniforms } from "./tumour_material";

/** A label's surface as it stands in one panel. */
export interface Tissue {
  readonly label: Label;
  readonly surface: Surface;
  /** For rays: the mesh that is drawn in colour. */
  readonly mesh: Mesh;
  readonly group: Group;
  readonly states: DataTexture;
  readonly uniforms: TumourUniforms;
}

const BRAIN_ORDER: Readonly<Record<BrainPass, number>> = { inside: 0, depth: 900, rim: 901 };

/** What one panel shows: the tissues of its source, and the brain that all panels share. */
export class PanelScene {
  readonly scene = new Scene();
  tissues: Tissue[] = [];
  private readonly brain = new Group();

  constructor(private readonly look: Look) {
    this.scene.matrixAutoUpdate = false;
    this.scene.add(this.brain);
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
      tissue.group.children.forEach((mesh, pass) => (mesh.renderOrder = 10 + 2 * place + pass));
      this.scene.add(tissue.group);
    });
  }

  /** Take out and free the tissues. */
  clear(): void {
    for (const { group, surface, states } of this.tissues) {
      this.scene.remove(group);
      surface.geometry.dispose();
      states.dispose();
      for (const mesh of group.children as Mesh[]) (mesh.material as { dispose(): void }).dispose();
    }
    this.tissues = [];
  }

  /** Show a brain whose geometry belongs to the stage; null shows none. */
  showBrain(geometry: BufferGeometry | null, toMm: Matrix4): void {
    this.clearBrain();
    if (geometry === null) return;
    for (const pass of Object.keys(BRAIN_ORDER) as BrainPass[]) {
      const mesh = placed(new Mesh(geometry, brainMaterial(this.look, pass)), toMm);
      mesh.renderOrder = BRAIN_ORDER[pass];
      this.brain.add(mesh);
    }
  }

  /** Show the layers whose name is not switched off. */
  showLayers(layers: Readonly<Record<string, boolean>>): void {
    this.brain.visible = layers["brain"] !== false;
    for (const { label, group } of this.tissues) group.visible = layers[label.name] !== false;
  }

  /** Light up components of one label and dim all else; null ends it. */
  select(label: string | null, components: readonly number[]): void {
    for (const tissue of this.tissues) {
      selectComponents(tissue.states, tissue.label.name === label ? components : []);
      tissue.uniforms.uDim.value = label === null ? 0 : 1;
    }
  }

  /** The box around all tissues, mm; empty without any. */
  bounds(): Box3 {
    const box = new Box3();
    for (const { mesh } of this.tissues) box.expandByObject(mesh);
    return box;
  }

  dispose(): void {
    this.clear();
    this.clearBrain();
  }

  private clearBrain(): void {
    for (const mesh of this.brain.children as Mesh[]) (mesh.material as { dispose(): void }).dispose();
    this.brain.clear();
  }

  private tissue(surface: Surface, label: Label): Tissue {
    const states = componentStates(surface.components);
    const uniforms = tumourUniforms(linearOfSrgb(rgbOfHex(label.colour)), solidity(label.name), states);
    const group = new Group();
    const hasNormals = !surface.isVoxels;
    for (const pass of ["depth", "colour"] as const) {
      group.add(placed(new Mesh(surface.geometry, tumourMaterial(uniforms, this.look, pass, hasNormals)), surface.toMm));
    }
    return { label, surface, states, uniforms, group, mesh: group.children[1] as Mesh };
  }
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
