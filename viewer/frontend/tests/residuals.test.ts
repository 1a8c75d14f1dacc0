import assert from "node:assert/strict";
import { test } from "node:test";
import { restored } from "../src/maths/residuals";
import type { Vec3 } from "../src/maths/vec3";

/** What viewer/case_bytes.py does, voxel by voxel. */
function residualsOf(volume: Uint8Array, [nx, ny, nz]: Vec3): Uint8Array {
  const at = (x: number, y: number, z: number) => (x < 0 || y < 0 || z < 0 ? 0 : volume[x + nx * (y + ny * z)]);
  const found = new Uint8Array(volume.length);
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        const sides = at(x - 1, y, z) + at(x, y - 1, z) + at(x, y, z - 1);
        const edges = at(x - 1, y - 1, z) + at(x - 1, y, z - 1) + at(x, y - 1, z - 1);
        found[x + nx * (y + ny * z)] = at(x, y, z) - Math.floor((3 * sides - edges) / 6);
      }
    }
  }
  return found;
}

test("any volume comes back from its residuals", () => {
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  for (const shape of [[1, 1, 1], [5, 1, 3], [4, 6, 5]] as Vec3[]) {
    const volume = Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, () => (random() < 0.3 ? 0 : random() * 256));
    assert.deepEqual([...restored(residualsOf(volume, shape), shape)], [...volume]);
  }
});

test("the residuals that the server's own test states are understood alike", () => {
  // tests/viewer/test_comparison.py has the same eight voxels; the second is 20 - 3 * 10 / 6
  assert.deepEqual([...restored(Uint8Array.of(10, 15, 25, 17, 45, 27, 32, 12), [2, 2, 2])], [10, 20, 30, 40, 50, 60, 70, 80]);
});
