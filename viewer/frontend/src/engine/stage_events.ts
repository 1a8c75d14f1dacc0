import type { Vec3 } from "../maths/vec3";
import type { Hit } from "./pick";
import type { Stand } from "./view";

/** What the stage tells the page. */
export interface StageEvents {
  /** Downloads began, ended or failed, or the context was lost or came back. */
  changed(): void;
  /** A hand moved a camera. */
  cameraMoved(): void;
  /** A view stands like this: what is written over it is to be put in place. */
  drawn(key: string, stand: Stand): void;
  /** Somebody clicked a view: what is there, null for nothing. */
  picked(key: string, hit: Hit | null): void;
  /** Somebody clicked a comparison: the place that was hit. */
  located(mm: Vec3): void;
}
