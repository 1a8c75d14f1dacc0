/** How light should see a surface: three numbers of a unit normal a vertex, and one of hollowness, -1 ridge to 1 hollow. */
export interface SoftShading {
  readonly normals: Float32Array;
  readonly hollows: Float32Array;
}

const CHANNELS = 7; // normal x area (3), area x position (3), area

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
    const [x, y, z] = [positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2]];
    readAt(grid, x, y, z, found);
    const length = Math.hypot(found[0], found[1], found[2]) || 1;
    const area = found[6] || 1;
    const n = [found[0] / length, found[1] / length, found[2] / length];
    normals.set(n, 3 * vertex);
    const outwards = n[0] * (found[3] / area - x) + n[1] * (found[4] / area - y) + n[2] * (found[5] / area - z);
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
    low[i % 3] = Math.min(low[i % 3], positions[i]);
    high[i % 3] = Math.max(high[i % 3], positions[i]);
  }
  const size = low.map((value, axis) => Math.max(1, Math.ceil((high[axis] - value) / cell)) + 4);
  const values = new Float32Array(size[0] * size[1] * size[2] * CHANNELS);
  return { low: low.map((value) => value - 1.5 * cell), cell, size, values };
}

/** Put every triangle's share into the eight cells around each of its pieces, none longer than a cell. */
function spread(grid: Grid, positions: ArrayLike<number>, index: ArrayLike<number>): void {
  const { cell } = grid;
  const share = new Float64Array(CHANNELS);
  for (let t = 0; t < index.length; t += 3) {
    const [a, b, c] = [3 * index[t], 3 * index[t + 1], 3 * index[t + 2]];
    const [ux, uy, uz] = [positions[b] - positions[a], positions[b + 1] - positions[a + 1], positions[b + 2] - positions[a + 2]];
    const [vx, vy, vz] = [positions[c] - positions[a], positions[c + 1] - positions[a + 1], positions[c + 2] - positions[a + 2]];
    const [nx, ny, nz] = [(uy * vz - uz * vy) / 2, (uz * vx - ux * vz) / 2, (ux * vy - uy * vx) / 2];
    const longest = Math.max(Math.hypot(ux, uy, uz), Math.hypot(vx, vy, vz), Math.hypot(ux - vx, uy - vy, uz - vz));
    const cuts = Math.min(32, Math.max(1, Math.ceil(longest / cell)));
    const part = 1 / (cuts * cuts);
    const area = Math.hypot(nx, ny, nz) * part;
    for (let i = 0; i < cuts; i++) {
      for (let j = 0; j < 2 * (cuts - i) - 1; j++) {
        // centroids of the small triangles: upright ones at even j, upside-down ones at odd j
        const third = j % 2 === 0 ? 1 / 3 : 2 / 3;
        const [p, q] = [(i + third) / cuts, ((j >> 1) + third) / cuts];
        const [x, y, z] = [positions[a] + p * ux + q * vx, positions[a + 1] + p * uy + q * vy, positions[a + 2] + p * uz + q * vz];
        share[0] = nx * part; share[1] = ny * part; share[2] = nz * part;
        share[3] = area * x; share[4] = area * y; share[5] = area * z; share[6] = area;
        visit(grid, x, y, z, (at, weight) => {
          for (let channel = 0; channel < CHANNELS; channel++) grid.values[at + channel] += share[channel] * weight;
        });
      }
    }
  }
}

function readAt(grid: Grid, x: number, y: number, z: number, into: Float64Array): void {
  into.fill(0);
  visit(grid, x, y, z, (at, weight) => {
    for (let channel = 0; channel < CHANNELS; channel++) into[channel] += grid.values[at + channel] * weight;
  });
}

/** The eight cells around a point, with their trilinear weights. */
function visit({ low, cell, size }: Grid, x: number, y: number, z: number, at: (offset: number, weight: number) => void): void {
  const [gx, gy, gz] = [(x - low[0]) / cell, (y - low[1]) / cell, (z - low[2]) / cell];
  const [i, j, k] = [Math.floor(gx), Math.floor(gy), Math.floor(gz)];
  const [fx, fy, fz] = [gx - i, gy - j, gz - k];
  for (let corner = 0; corner < 8; corner++) {
    const [di, dj, dk] = [corner & 1, (corner >> 1) & 1, corner >> 2];
    const weight = (di ? fx : 1 - fx) * (dj ? fy : 1 - fy) * (dk ? fz : 1 - fz);
    at((((k + dk) * size[1] + j + dj) * size[0] + i + di) * CHANNELS, weight);
  }
}

/** One pass of the kernel 1 2 1 along an axis; beyond the grid is nothing. */
function blur(grid: Grid, axis: number): void {
  const { size, values } = grid;
  const step = [1, size[0], size[0] * size[1]][axis] * CHANNELS;
  const out = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const place = Math.floor(at / step) % size[axis];
    const before = place > 0 ? values[at - step] : 0;
    const after = place < size[axis] - 1 ? values[at + step] : 0;
    out[at] = (before + 2 * values[at] + after) / 4;
  }
  grid.values = out;
}
