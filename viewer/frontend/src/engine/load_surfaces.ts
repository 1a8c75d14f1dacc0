import { BufferAttribute, Matrix4, type BufferGeometry, type InterleavedBufferAttribute, type Mesh } from "three";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { softShading } from "../maths/soft_shading";
import { MM_FROM_GLTF } from "../maths/coordinates";
import type { Surface } from "./surface";

/** The attribute that numbers components: `_COMPONENT` in the file; three.js writes names small. */
export const COMPONENT = "_component";

/** Steps of a staircase up to about this size are lit as if smooth. */
const SMOOTHED_MM = 2.2;

/** Fetch a GLB and read its surfaces. Rejects with a sentence that names the address, or with AbortError. */
export async function loadSurfaces(url: string, signal: AbortSignal): Promise<Surface[]> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  const bytes = await response.arrayBuffer();
  signal.throwIfAborted();
  try {
    return await surfacesOf(bytes);
  } catch (fault) {
    throw new Error(`${url}: no readable GLB (${fault instanceof Error ? fault.message : fault})`);
  }
}

async function surfacesOf(bytes: ArrayBuffer): Promise<Surface[]> {
  const { scene } = await new GLTFLoader().parseAsync(bytes, "");
  scene.updateMatrixWorld(true);
  const toMm = new Matrix4().fromArray([...MM_FROM_GLTF]);
  const surfaces: Surface[] = [];
  scene.traverse((node) => {
    const mesh = node as Mesh;
    if (!mesh.isMesh) return;
    surfaces.push(surfaceOf(mesh, new Matrix4().multiplyMatrices(toMm, mesh.matrixWorld)));
    for (const material of [mesh.material].flat()) material.dispose();
  });
  return surfaces;
}

function surfaceOf({ geometry, name }: Mesh, toMm: Matrix4): Surface {
  const isVoxels = !geometry.hasAttribute("normal");
  const components = ownComponents(geometry);
  const scaleMm = Math.cbrt(Math.abs(toMm.determinant()));
  geometry.setAttribute("soft", softAttribute(geometry, SMOOTHED_MM / scaleMm));
  geometry.computeBoundingSphere();
  return { name, geometry, toMm, isVoxels, components };
}

/** Normals for light and hollowness, four bytes a vertex. */
function softAttribute(geometry: BufferGeometry, cell: number): BufferAttribute {
  const positions = unpacked(geometry.getAttribute("position"), 3);
  const { normals, hollows } = softShading(positions, geometry.index!.array, cell);
  const own = geometry.hasAttribute("normal") ? unpacked(geometry.getAttribute("normal"), 3) : normals;
  const packed = new Int8Array(hollows.length * 4);
  for (let i = 0; i < hollows.length; i++) {
    for (let axis = 0; axis < 3; axis++) packed[4 * i + axis] = Math.round(own[3 * i + axis] * 127);
    packed[4 * i + 3] = Math.round(hollows[i] * 127);
  }
  return new BufferAttribute(packed, 4, true);
}

function unpacked(attribute: BufferAttribute | InterleavedBufferAttribute, items: number): Float32Array {
  const values = new Float32Array(attribute.count * items);
  for (let i = 0; i < values.length; i++) values[i] = attribute.getComponent(Math.floor(i / items), i % items);
  return values;
}

/** Take the numbers out of the file's padding, and count them. */
function ownComponents(geometry: BufferGeometry): number {
  const found = geometry.getAttribute(COMPONENT) as BufferAttribute | InterleavedBufferAttribute | undefined;
  if (found === undefined) return 0;
  const numbers = unpacked(found, 1);
  geometry.setAttribute(COMPONENT, new BufferAttribute(numbers, 1));
  return numbers.reduce((a, b) => Math.max(a, b), 0);
}
