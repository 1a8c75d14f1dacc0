/** How light should see a surface: three numbers of a unit normal a vertex, and one of hollowness, -1 ridge to 1 hollow. */
export interface SoftShading {
  readonly normals: Float32Array;
  readonly hollows: Float32Array;
}

const CHANNELS = 7; // normal x area (3), area x position (3), area
const AREA = 6;
/** Longest side of what goes into one cell, in cells: a smooth surface's triangles of a voxel stay whole at two voxels a cell. */
const LONGEST_PIECE = 0.7;

/**
 * The normals a smooth surface would have where a staircase of voxels approximates it, and how hollow it is there.
 *
 * Only light uses them; the geometry stays exact. Each triangle's area and normal are spread over a coarse grid,
 * blurred, and read back at the vertices: linear in the triangles whatever their size.
 *
 * @param positions x, y, z of each vertex, in the units of `cell`
 * @param index three vertices a triangle
 * @param cell edge of a grid cell: what is finer than about two cells is smoothed away
 */
export function softShading(positions: ArrayLike<number>, index: ArrayLike<number>, cell: number): SoftShading {
  const grid = gridAround(positions, cell);
  spread(grid, positions, index);
  for (const axis of [0, 1, 2]) blur(grid, axis);
  const count = positions.length / 3;
  const [normals, hollows] = [new Float32Array(count * 3), new Float32Array(count)];
  const found = new Float64Array(CHANNELS);
  for (let vertex = 0; vertex < count; vertex++) {
    const x = positions[3 * vertex], y = positions[3 * vertex + 1], z = positions[3 * vertex + 2];
    readAt(grid, x, y, z, found);
    const length = Math.sqrt(found[0] ** 2 + found[1] ** 2 + found[2] ** 2) || 1;
    const area = found[AREA] || 1;
    const nx = found[0] / length, ny = found[1] / length, nz = found[2] / length;
    normals[3 * vertex] = nx; normals[3 * vertex + 1] = ny; normals[3 * vertex + 2] = nz;
    const outwards = nx * (found[3] / area - x) + ny * (found[4] / area - y) + nz * (found[5] / area - z);
    hollows[vertex] = Math.max(-1, Math.min(1, outwards / cell));
  }
  return { normals, hollows };
}

interface Grid {
  readonly low: readonly number[];
  readonly cell: number;
  readonly size: readonly number[];
  values: Float32Array;
}

function gridAround(positions: ArrayLike<number>, cell: number): Grid {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    const axis = i % 3;
    if (positions[i] < low[axis]) low[axis] = positions[i];
    if (positions[i] > high[axis]) high[axis] = positions[i];
  }
  // three empty cells on either side: a blur reaches one, so rows that meet end to end never mix
  const size = low.map((value, axis) => Math.max(1, Math.ceil((high[axis] - value) / cell)) + 6);
  const values = new Float32Array(size[0] * size[1] * size[2] * CHANNELS);
  return { low: low.map((value) => value - 2.5 * cell), cell, size, values };
}

/** Put every triangle's share into the grid, in pieces clearly shorter than a cell. */
function spread(grid: Grid, p: ArrayLike<number>, index: ArrayLike<number>): void {
  const share = new Float64Array(CHANNELS);
  for (let t = 0; t < index.length; t += 3) {
    const a = 3 * index[t], b = 3 * index[t + 1], c = 3 * index[t + 2];
    const ux = p[b] - p[a], uy = p[b + 1] - p[a + 1], uz = p[b + 2] - p[a + 2];
    const vx = p[c] - p[a], vy = p[c + 1] - p[a + 1], vz = p[c + 2] - p[a + 2];
    const longest = Math.sqrt(Math.max(ux * ux + uy * uy + uz * uz, vx * vx + vy * vy + vz * vz, (ux - vx) ** 2 + (uy - vy) ** 2 + (uz - vz) ** 2));
    const cuts = Math.min(64, Math.max(1, Math.ceil(longest / (LONGEST_PIECE * grid.cell))));
    const half = 0.5 / (cuts * cuts);
    const nx = (uy * vz - uz * vy) * half, ny = (uz * vx - ux * vz) * half, nz = (ux * vy - uy * vx) * half;
    const area = Math.sqrt(nx * nx + ny * ny + nz * nz);
    share[0] = nx; share[1] = ny; share[2] = nz; share[AREA] = area;
    for (let i = 0; i < cuts; i++) {
      for (let j = 0; j < 2 * (cuts - i) - 1; j++) {
        // centroids of the small triangles: upright ones at even j, upside-down ones at odd j
        const third = j % 2 === 0 ? 1 / 3 : 2 / 3;
        const along = (i + third) / cuts, beside = ((j >> 1) + third) / cuts;
        const x = p[a] + along * ux + beside * vx, y = p[a + 1] + along * uy + beside * vy, z = p[a + 2] + along * uz + beside * vz;
        share[3] = area * x; share[4] = area * y; share[5] = area * z;
        give(grid, x, y, z, share);
      }
    }
  }
}

/** Add to the cell that holds a point. */
function give({ low, cell, size, values }: Grid, x: number, y: number, z: number, share: Float64Array): void {
  const i = ((x - low[0]) / cell + 0.5) | 0, j = ((y - low[1]) / cell + 0.5) | 0, k = ((z - low[2]) / cell + 0.5) | 0;
  const at = ((k * size[1] + j) * size[0] + i) * CHANNELS;
  for (let channel = 0; channel < CHANNELS; channel++) values[at + channel] += share[channel];
}

/** Read between the eight cells around a point, along x, y and z at last. */
function readAt({ low, cell, size, values }: Grid, x: number, y: number, z: number, into: Float64Array): void {
  const gx = (x - low[0]) / cell, gy = (y - low[1]) / cell, gz = (z - low[2]) / cell;
  const i = gx | 0, j = gy | 0, k = gz | 0; // every point lies inside of the grid
  const fx = gx - i, fy = gy - j, fz = gz - k, ex = 1 - fx, ey = 1 - fy, ez = 1 - fz;
  const row = size[0] * CHANNELS, layer = size[1] * row;
  const at = k * layer + j * row + i * CHANNELS;
  for (let channel = 0; channel < CHANNELS; channel++) {
    const here = at + channel, beside = here + row, above = here + layer, across = above + row;
    const near = ey * (ex * values[here] + fx * values[here + CHANNELS]) + fy * (ex * values[beside] + fx * values[beside + CHANNELS]);
    const far = ey * (ex * values[above] + fx * values[above + CHANNELS]) + fy * (ex * values[across] + fx * values[across + CHANNELS]);
    into[channel] = ez * near + fz * far;
  }
}

/** One pass of the kernel 1 2 1 along an axis; the grid's border is empty and stays so. */
function blur(grid: Grid, axis: number): void {
  const { size, values } = grid;
  const step = [1, size[0], size[0] * size[1]][axis] * CHANNELS;
  const out = new Float32Array(values.length);
  for (let at = step; at < values.length - step; at += CHANNELS) {
    // most of the grid is far from any surface, where its area is zero and so is all else
    if (values[at + AREA] === 0 && values[at - step + AREA] === 0 && values[at + step + AREA] === 0) continue;
    for (let one = at; one < at + CHANNELS; one++) out[one] = (values[one - step] + 2 * values[one] + values[one + step]) / 4;
  }
  grid.values = out;
}
