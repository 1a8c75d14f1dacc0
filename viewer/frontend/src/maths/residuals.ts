import type { Vec3 } from "./vec3";

/**
 * The volume that residuals were taken of, x fastest; the counterpart of `residuals` in viewer/case_bytes.py.
 *
 * Each voxel is its residual plus (3 (a + b + d) - c - e - f) / 6, rounded down, modulo 256; see there.
 */
export function restored(residuals: Uint8Array, [nx, ny, nz]: Vec3): Uint8Array {
  const [row, plane] = [nx, nx * ny];
  const volume = new Uint8Array(residuals.length);
  for (let z = 0, at = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      // what lies one step back along x is carried along instead of read again
      let [a, c, e] = [0, 0, 0];
      for (let x = 0; x < nx; x++, at++) {
        const b = y > 0 ? volume[at - row] : 0;
        const d = z > 0 ? volume[at - plane] : 0;
        const f = y > 0 && z > 0 ? volume[at - row - plane] : 0;
        a = volume[at] = residuals[at] + Math.floor((3 * (a + b + d) - c - e - f) / 6);
        a &= 255;
        c = b;
        e = d;
      }
    }
  }
  return volume;
}
