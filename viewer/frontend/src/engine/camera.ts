import { PerspectiveCamera } from "three";
import { FIELD_OF_VIEW, fittingDistanceMm } from "../maths/fit";
import { basisOf, type Orbit } from "../maths/orbit";
import { add, scale, type Vec3 } from "../maths/vec3";

/** What the cameras look at: a ball around the brain, or around the tumour where there is no brain. */
export interface Subject {
  readonly centre: Vec3;
  readonly radiusMm: number;
}

/** Stand a camera where an orbit says, for a view of this aspect; returns its distance in mm. */
export function placeCamera(camera: PerspectiveCamera, orbit: Orbit, subject: Subject, aspect: number): number {
  const distance = fittingDistanceMm(subject.radiusMm, aspect) / orbit.zoom;
  const { right, up, toEye } = basisOf(orbit);
  const eye = add(orbit.target, scale(toEye, distance));
  camera.fov = FIELD_OF_VIEW;
  camera.aspect = aspect;
  camera.near = Math.max(1, distance - subject.radiusMm * 3);
  camera.far = distance + subject.radiusMm * 3;
  camera.updateProjectionMatrix();
  camera.matrixAutoUpdate = false;
  camera.matrix.set(right[0], up[0], toEye[0], eye[0], right[1], up[1], toEye[1], eye[1], right[2], up[2], toEye[2], eye[2], 0, 0, 0, 1);
  camera.matrixWorldNeedsUpdate = true;
  camera.updateMatrixWorld(true);
  return distance;
}
