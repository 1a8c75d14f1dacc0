/** Pieces with fewer triangles stay as they are: a fragment shall not vanish. */
const KEPT_WHOLE = 300;
/** Cells along an axis, at most. */
const SPAN = 4096;

/**
 * The triangles of a surface on fewer of its vertices: one for each cell of a grid, that nearest to the cell's middle.
 *
 * For pictures in motion, on which a cell is a few pixels wide. Numbered pieces never melt together, and small ones
 * stay whole. Triangles within a cell are left out, so a surface keeps about a quarter of them at two voxels a cell.
 *
 * @param positions x, y, z of each vertex, in the units of `cell`
 * @param index three vertices a triangle
 * @param pieces the number of its piece for each vertex; null where all is one piece
 */
export function coarseIndex(positions: ArrayLike<number>, index: ArrayLike<number>, pieces: ArrayLike<number> | null, cell: number): Uint32Array {
  const stands = standIns(positions, wholePieces(index, pieces), pieces, cell);
  const found = new Uint32Array(index.length);
  let at = 0;
  for (let t = 0; t < index.length; t += 3) {
    const a = stands[index[t]], b = stands[index[t + 1]], c = stands[index[t + 2]];
    if (a === b || b === c || c === a) continue;
    found[at++] = a; found[at++] = b; found[at++] = c;
  }
  return found.slice(0, at);
}

/** By its number, whether a piece stays whole. */
function wholePieces(index: ArrayLike<number>, pieces: ArrayLike<number> | null): (piece: number) => boolean {
  const triangles = new Map<number, number>();
  for (let t = 0; t < index.length; t += 3) {
    const piece = pieces?.[index[t]] ?? 0;
    triangles.set(piece, (triangles.get(piece) ?? 0) + 1);
  }
  return (piece) => (triangles.get(piece) ?? 0) < KEPT_WHOLE;
}

/** The vertex that stands for each. */
function standIns(positions: ArrayLike<number>, isWhole: (piece: number) => boolean, pieces: ArrayLike<number> | null, cell: number): Uint32Array {
  const count = positions.length / 3;
  const nearest = new Map<number, readonly [vertex: number, distance: number]>();
  const stands = new Uint32Array(count);
  const keys = new Float64Array(count).fill(-1);
  for (let vertex = 0; vertex < count; vertex++) {
    const piece = pieces?.[vertex] ?? 0;
    if (isWhole(piece)) continue;
    let key = piece, distance = 0;
    for (let axis = 0; axis < 3; axis++) {
      const place = positions[3 * vertex + axis] / cell;
      const whole = Math.floor(place);
      key = key * SPAN + whole + SPAN / 2;
      distance += (place - whole - 0.5) ** 2;
    }
    keys[vertex] = key;
    const before = nearest.get(key);
    if (before === undefined || distance < before[1]) nearest.set(key, [vertex, distance]);
  }
  for (let vertex = 0; vertex < count; vertex++) stands[vertex] = keys[vertex] < 0 ? vertex : nearest.get(keys[vertex])![0];
  return stands;
}
