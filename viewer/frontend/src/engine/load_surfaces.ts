import { Box3, BufferAttribute, BufferGeometry, Matrix4, Sphere, Vector3 } from "three";
import type { Badge } from "./badge";
import { fetchPatiently } from "./fetch_patiently";
import { Kept } from "./kept";
import type { Prepared, PreparedFile, Wish } from "./prepare";
import type { Surface } from "./surface";
import { Workshop, workersScript } from "./workshop";

/** What one file holds. */
export interface Loaded {
  readonly surfaces: Surface[];
  readonly badge: Badge | null;
}

const workshop = new Workshop(workersScript());
/** Files that were prepared lately, so that going back to a case need not unpack it again. */
const kept = new Kept<PreparedFile>(256 * 2 ** 20);

/**
 * Fetch a GLB, packed or not, and read its surfaces. The server is asked each time; what it says has not changed is
 * not prepared again. Rejects with a sentence that names the address, or with AbortError.
 */
export async function loadSurfaces(url: string, wish: Wish, signal: AbortSignal): Promise<Loaded> {
  const response = await fetchPatiently(url, signal);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  const tag = response.headers.get("ETag");
  const known = tag === null ? null : kept.get(`${url} ${tag} ${JSON.stringify(wish)}`);
  if (known !== null) {
    void response.body?.cancel();
    return loaded(known);
  }
  const bytes = await response.arrayBuffer();
  signal.throwIfAborted();
  try {
    const made = await workshop.prepare(bytes, wish, signal);
    if (tag !== null) kept.keep(`${url} ${tag} ${JSON.stringify(wish)}`, made, bytesOf(made));
    return loaded(made);
  } catch (fault) {
    signal.throwIfAborted();
    throw new Error(`${url}: no readable GLB (${fault instanceof Error ? fault.message : fault})`);
  }
}

function loaded({ surfaces, badge }: PreparedFile): Loaded {
  return { surfaces: surfaces.map(surfaceOf), badge };
}

function surfaceOf({ name, toMm, box: [low, high], isVoxels, components, index, coarse, attributes }: Prepared): Surface {
  const geometry = new BufferGeometry();
  for (const [key, [array, items]] of Object.entries(attributes)) geometry.setAttribute(key, new BufferAttribute(array, items, array instanceof Int8Array));
  const rough = coarse === null ? null : new BufferGeometry();
  if (rough !== null) rough.attributes = { ...geometry.attributes };
  rough?.setIndex(new BufferAttribute(coarse!, 1));
  geometry.setIndex(new BufferAttribute(index, 1));
  const box = new Box3(new Vector3(...low), new Vector3(...high));
  for (const one of rough === null ? [geometry] : [geometry, rough]) {
    one.boundingBox = box;
    one.boundingSphere = box.getBoundingSphere(new Sphere());
  }
  return { name, geometry, rough, toMm: new Matrix4().fromArray(toMm), isVoxels, components };
}

function bytesOf({ surfaces }: PreparedFile): number {
  const arrays = surfaces.flatMap(({ index, coarse, attributes }) => [index, coarse, ...Object.values(attributes).map(([array]) => array)]);
  return arrays.reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);
}
