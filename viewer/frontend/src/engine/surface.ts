import type { BufferGeometry, Matrix4, Mesh } from "three";

/** One label of one source as the server sent it. */
export interface Surface {
  /** The label's name: the GLB node's. */
  readonly name: string;
  readonly geometry: BufferGeometry;
  /** The same with fewer triangles, for pictures in motion; null where there is none. */
  readonly rough: BufferGeometry | null;
  /** The geometry's own coordinates -> RAS millimetres. */
  readonly toMm: Matrix4;
  /** Made of voxel faces: it came without normals. */
  readonly isVoxels: boolean;
  /** Highest component number in it; 0 where components are not numbered. */
  readonly components: number;
}

/** Put a mesh where a matrix says, for good. */
export function placed(mesh: Mesh, toMm: Matrix4): Mesh {
  mesh.matrixAutoUpdate = false;
  mesh.matrix.copy(toMm);
  mesh.updateMatrixWorld(true);
  return mesh;
}

/** Free what a graphics card holds of a surface. */
export function dispose({ geometry, rough }: Surface): void {
  geometry.dispose();
  rough?.dispose();
}
