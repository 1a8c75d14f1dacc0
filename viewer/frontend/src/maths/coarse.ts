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

/** By its number, 1 for a piece that stays whole. */
function wholePieces(index: ArrayLike<number>, pieces: ArrayLike<number> | null): Uint8Array {
  let most = 0;
  if (pieces !== null) for (let vertex = 0; vertex < pieces.length; vertex++) most = Math.max(most, pieces[vertex]);
  const triangles = new Uint32Array(most + 1);
  for (let t = 0; t < index.length; t += 3) triangles[pieces === null ? 0 : pieces[index[t]]] += 1;
  return Uint8Array.from(triangles, (count) => (count < KEPT_WHOLE ? 1 : 0));
}

/** The vertex that stands for each. */
function standIns(positions: ArrayLike<number>, isWhole: Uint8Array, pieces: ArrayLike<number> | null, cell: number): Uint32Array {
  const count = positions.length / 3;
  const cells = new Map<number, number>(); // each cell's number, in the order they are met
  const own = new Int32Array(count).fill(-1);
  const [nearest, distances] = [new Uint32Array(count), new Float64Array(count).fill(Infinity)];
  for (let vertex = 0; vertex < count; vertex++) {
    const piece = pieces === null ? 0 : pieces[vertex];
    if (isWhole[piece] === 1) continue;
    let key = piece, distance = 0;
    for (let axis = 0; axis < 3; axis++) {
      const place = positions[3 * vertex + axis] / cell;
      const whole = Math.floor(place);
      key = key * SPAN + whole + SPAN / 2;
      distance += (place - whole - 0.5) * (place - whole - 0.5);
    }
    let number = cells.get(key);
    if (number === undefined) cells.set(key, (number = cells.size));
    own[vertex] = number;
    if (distance >= distances[number]) continue;
    nearest[number] = vertex;
    distances[number] = distance;
  }
  const stands = new Uint32Array(count);
  for (let vertex = 0; vertex < count; vertex++) stands[vertex] = own[vertex] < 0 ? vertex : nearest[own[vertex]];
  return stands;
}
