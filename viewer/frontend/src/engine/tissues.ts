import { Box3, Group, Mesh, type DataTexture, type Matrix4, type ShaderMaterial } from "three";
import { linearOfSrgb, rgbOfHex } from "../maths/colours";
import { isVeil, solidity, solidityAt } from "../maths/solidity";
import type { Label } from "../props";
import { componentStates } from "./component_states";
import { COMPONENT, DISTANCE } from "./load_surfaces";
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

/** What a label is drawn with; kept from case to case, for compiling shaders takes longer than drawing. */
interface Dress {
  readonly uniforms: TumourUniforms;
  readonly materials: readonly ShaderMaterial[];
}

const CORE_PASSES: readonly TumourPass[] = ["depth", "core"];
const VEIL_PASSES: readonly TumourPass[] = ["depth", "veil", "veilAboveCore"];

/** Surfaces of several labels that are shown together. */
export class Tissues {
  readonly group = new Group();
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
    // the most solid first: what is drawn later lies over it as a veil
    const solidFirst = [...this.list].sort((a, b) => solidity(b.label.name)[0] - solidity(a.label.name)[0]);
    solidFirst.forEach((tissue, place) => {
      tissue.group.children.forEach((mesh, pass) => (mesh.renderOrder = 3 * place + pass));
      this.group.add(tissue.group);
    });
  }

  /** Take out and free them. */
  clear(): void {
    for (const { group, surface, states } of this.list) {
      this.group.remove(group);
      surface.geometry.dispose();
      states.dispose();
    }
    this.list = [];
  }

  /** Show the layers whose name is not switched off. */
  showLayers(layers: Readonly<Record<string, boolean>>): void {
    for (const { label, group } of this.list) group.visible = layers[label.name] !== false;
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
    for (const { materials } of this.dresses.values()) for (const material of materials) material.dispose();
  }

  private dressFor({ name, colour }: Label, isVoxels: boolean, hasDistance: boolean): Dress {
    const key = `${name} ${colour} ${isVoxels} ${hasDistance}`;
    const known = this.dresses.get(key);
    if (known !== undefined) return known;
    const uniforms = tumourUniforms(linearOfSrgb(rgbOfHex(colour)), solidity(name));
    const passes = isVeil(name) ? VEIL_PASSES : CORE_PASSES;
    const dress = { uniforms, materials: passes.map((pass) => tumourMaterial(uniforms, this.look, { pass, isVoxels, hasDistance })) };
    this.dresses.set(key, dress);
    return dress;
  }

  private tissue(surface: Surface, label: Label): Tissue {
    soften(surface);
    const states = componentStates(surface.components);
    const { uniforms, materials } = this.dressFor(label, surface.isVoxels, surface.geometry.hasAttribute(DISTANCE));
    uniforms.uStates.value = states;
    const group = new Group();
    for (const material of materials) group.add(placed(new Mesh(surface.geometry, material), surface.toMm));
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
