import { BufferAttribute, Matrix4, type BufferGeometry, type Mesh } from "three";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { MM_FROM_GLTF } from "../maths/coordinates";
import { badgeIn, type Badge } from "./badge";
import { fetchPatiently } from "./fetch_patiently";
import { unpackedGlb } from "./packed_glb";
import { unpacked } from "./unpacked";
import type { Surface } from "./surface";

/** The attribute that numbers components: `_COMPONENT` in the file; three.js writes names small. */
export const COMPONENT = "_component";

/** Millimetres to the reference's surface, positive outside of it: `_DISTANCE_MM` in the file. */
export const DISTANCE = "_distance_mm";

/** What one file holds. */
export interface Loaded {
  readonly surfaces: Surface[];
  readonly badge: Badge | null;
}

/** Fetch a GLB, packed or not, and read its surfaces. Rejects with a sentence that names the address, or with AbortError. */
export async function loadSurfaces(url: string, signal: AbortSignal): Promise<Loaded> {
  const response = await fetchPatiently(url, signal);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  const bytes = await response.arrayBuffer();
  signal.throwIfAborted();
  try {
    return await surfacesOf(bytes);
  } catch (fault) {
    throw new Error(`${url}: no readable GLB (${fault instanceof Error ? fault.message : fault})`);
  }
}

async function surfacesOf(bytes: ArrayBuffer): Promise<Loaded> {
  const { scene } = await new GLTFLoader().parseAsync(unpackedGlb(bytes), "");
  scene.updateMatrixWorld(true);
  const toMm = new Matrix4().fromArray([...MM_FROM_GLTF]);
  const surfaces: Surface[] = [];
  scene.traverse((node) => {
    const mesh = node as Mesh;
    if (!mesh.isMesh) return;
    surfaces.push(surfaceOf(mesh, new Matrix4().multiplyMatrices(toMm, mesh.matrixWorld)));
    for (const material of [mesh.material].flat()) material.dispose();
  });
  return { surfaces, badge: badgeIn(scene.userData) };
}

function surfaceOf({ geometry, name }: Mesh, toMm: Matrix4): Surface {
  const isVoxels = !geometry.hasAttribute("normal");
  const components = ownComponents(geometry);
  geometry.computeBoundingSphere();
  return { name, geometry, toMm, isVoxels, components };
}

/** Take the numbers out of the file's padding, and count them. */
function ownComponents(geometry: BufferGeometry): number {
  if (!geometry.hasAttribute(COMPONENT)) return 0;
  const numbers = unpacked(geometry, COMPONENT, 1);
  geometry.setAttribute(COMPONENT, new BufferAttribute(numbers, 1));
  return numbers.reduce((a, b) => Math.max(a, b), 0);
}
