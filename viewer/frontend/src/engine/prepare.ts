import { Matrix4, type BufferGeometry, type Mesh } from "three";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { coarseIndex } from "../maths/coarse";
import { MM_FROM_GLTF } from "../maths/coordinates";
import { softShading } from "../maths/soft_shading";
import { badgeIn, type Badge } from "./badge";
import { unpackedGlb } from "./packed_glb";
import { unpacked } from "./unpacked";

/** The attribute that numbers components: `_COMPONENT` in the file; three.js writes names small. */
export const COMPONENT = "_component";

/** Millimetres to the reference's surface, positive outside of it: `_DISTANCE_MM` in the file. */
export const DISTANCE = "_distance_mm";

/** Steps of a staircase up to about this size are lit as if smooth. */
const SMOOTHED_MM = 2.2;

/** How a file's surfaces will be drawn. */
export interface Wish {
  /** As tissue: lit softly, in components; else as a hull with plain normals. */
  readonly asTissue: boolean;
  /** Width of the cells of a surface for pictures in motion, mm; 0 makes none, nor does tissue without numbered components. */
  readonly coarseMm: number;
}

/** One label of one source, ready to be drawn; only numbers, so that a worker can make it. */
export interface Prepared {
  readonly name: string;
  readonly toMm: readonly number[];
  /** The lowest and the highest corner. */
  readonly box: readonly [low: readonly number[], high: readonly number[]];
  readonly isVoxels: boolean;
  /** Highest component number in it; 0 where components are not numbered. */
  readonly components: number;
  readonly index: Uint16Array | Uint32Array;
  /** The same for pictures in motion; null where none was wished for. */
  readonly coarse: Uint32Array | null;
  /** By name, and numbers of a vertex; bytes are fractions of 127. */
  readonly attributes: Readonly<Record<string, readonly [array: Float32Array | Int8Array, items: number]>>;
}

/** What one file holds. */
export interface PreparedFile {
  readonly surfaces: readonly Prepared[];
  readonly badge: Badge | null;
}

/** Read a GLB, packed or not, and work out what its surfaces are drawn with. */
export async function prepare(bytes: ArrayBuffer, wish: Wish): Promise<PreparedFile> {
  const { scene } = await new GLTFLoader().parseAsync(unpackedGlb(bytes), "");
  scene.updateMatrixWorld(true);
  const toMm = new Matrix4().fromArray([...MM_FROM_GLTF]);
  const surfaces: Prepared[] = [];
  scene.traverse((node) => {
    const mesh = node as Mesh;
    if (mesh.isMesh) surfaces.push(preparedMesh(mesh, new Matrix4().multiplyMatrices(toMm, mesh.matrixWorld), wish));
  });
  return { surfaces, badge: badgeIn(scene.userData) };
}

function preparedMesh({ geometry, name }: Mesh, toMm: Matrix4, { asTissue, coarseMm }: Wish): Prepared {
  const isVoxels = !geometry.hasAttribute("normal");
  const perMm = 1 / Math.cbrt(Math.abs(toMm.determinant()));
  const position = unpacked(geometry, "position", 3);
  const index = geometry.index!.array as Uint16Array | Uint32Array;
  const numbers = geometry.hasAttribute(COMPONENT) ? unpacked(geometry, COMPONENT, 1) : null;
  if (!asTissue && isVoxels) geometry.computeVertexNormals();
  const attributes = {
    position: [position, 3],
    ...(numbers !== null && { [COMPONENT]: [numbers, 1] }),
    ...(geometry.hasAttribute(DISTANCE) && { [DISTANCE]: [unpacked(geometry, DISTANCE, 1), 1] }),
    ...(asTissue ? { soft: [softBytes(geometry, position, index, SMOOTHED_MM * perMm), 4] } : { normal: [unpacked(geometry, "normal", 3), 3] }),
  } as Prepared["attributes"];
  return {
    name,
    toMm: toMm.toArray(),
    box: boxOf(position),
    isVoxels,
    components: numbers === null ? 0 : numbers.reduce((a, b) => Math.max(a, b), 0),
    index,
    coarse: coarseMm > 0 && (numbers !== null || !asTissue) ? coarseIndex(position, index, numbers, coarseMm * perMm) : null,
    attributes,
  };
}

function boxOf(position: Float32Array): [number[], number[]] {
  const [low, high] = [[Infinity, Infinity, Infinity], [-Infinity, -Infinity, -Infinity]];
  for (let i = 0; i < position.length; i++) {
    const axis = i % 3;
    if (position[i] < low[axis]) low[axis] = position[i];
    if (position[i] > high[axis]) high[axis] = position[i];
  }
  return [low, high];
}

/** The normal that light sees, and hollowness, a byte each. */
function softBytes(geometry: BufferGeometry, position: Float32Array, index: ArrayLike<number>, cell: number): Int8Array {
  const { normals, hollows } = softShading(position, index, cell);
  const seen = geometry.hasAttribute("normal") ? unpacked(geometry, "normal", 3) : normals;
  const packed = new Int8Array(hollows.length * 4);
  for (let i = 0; i < hollows.length; i++) {
    for (let axis = 0; axis < 3; axis++) packed[4 * i + axis] = Math.round(seen[3 * i + axis] * 127);
    packed[4 * i + 3] = Math.round(hollows[i] * 127);
  }
  return packed;
}
