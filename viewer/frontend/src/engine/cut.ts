import {
  BufferAttribute, BufferGeometry, DataTexture, DoubleSide, Mesh, NearestFilter, NoBlending, ShaderMaterial, type IUniform, type Vector4,
} from "three";
import { dot, scale, type Vec3 } from "../maths/vec3";

/** A plane through the case, and what each panel's labels look like on it. */
export interface Cut {
  /** Any point of the plane, and its normal; mm. */
  readonly point: Vec3;
  readonly normal: Vec3;
  /** The corners of the pictures in mm: top left, top right, bottom right, bottom left. */
  readonly corners: readonly [Vec3, Vec3, Vec3, Vec3];
  /** By panel, RGBA rows from the top; transparent where nothing is. */
  readonly pictures: ReadonlyMap<string, ImageData>;
}

/** No cut: a plane that nothing lies beyond. */
export const UNCUT = [0, 0, 0, 1] as const;

/** Turn a cut towards the eye, so that the near half is taken away: n . p > d is cut. */
export function faceCut(uniform: IUniform<Vector4>, cut: Cut | null, toEye: Vec3): void {
  if (cut === null) {
    uniform.value.set(...UNCUT);
    return;
  }
  const normal = dot(cut.normal, toEye) >= 0 ? cut.normal : scale(cut.normal, -1);
  uniform.value.set(normal[0], normal[1], normal[2], dot(normal, cut.point));
}

/** The face of a cut: a slice of the label map, lying in the scene. */
export function cutFace(cut: Cut, picture: ImageData): Mesh<BufferGeometry, ShaderMaterial> {
  const texture = new DataTexture(new Uint8Array(picture.data.buffer), picture.width, picture.height);
  texture.minFilter = texture.magFilter = NearestFilter;
  texture.needsUpdate = true;
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(cut.corners.flat()), 3));
  geometry.setAttribute("uv", new BufferAttribute(new Float32Array([0, 0, 1, 0, 1, 1, 0, 1]), 2));
  geometry.setIndex([0, 1, 2, 0, 2, 3]);
  const material = new ShaderMaterial({
    name: "cut face",
    vertexShader: "varying vec2 vAt; void main() { vAt = uv; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }",
    fragmentShader: "uniform sampler2D uPicture; varying vec2 vAt; void main() { vec4 c = texture2D(uPicture, vAt); if (c.a < 0.5) discard; gl_FragColor = vec4(c.rgb, 1.0); }",
    uniforms: { uPicture: { value: texture } },
    side: DoubleSide,
    blending: NoBlending,
  });
  const face = new Mesh(geometry, material);
  face.frustumCulled = false;
  return face;
}

/** Free a face. */
export function disposeFace(face: Mesh<BufferGeometry, ShaderMaterial>): void {
  (face.material.uniforms["uPicture"].value as DataTexture).dispose();
  face.geometry.dispose();
  face.material.dispose();
}
