/** A closed surface as it is walked; the counterpart of `meshing/walk.py`, which has the words for it. */
export interface Walk {
  readonly vertices: number;
  readonly faces: number;
  /** One for each triangle but the first of each piece. */
  readonly letters: Uint8Array;
  readonly leaps: Int32Array;
}

export interface Walked {
  /** Three vertices a triangle. */
  readonly faces: Int32Array;
  /** Three a vertex: the gate it was met across and the corner behind that; -1 where there is none. */
  readonly bases: Int32Array;
  /** First vertex of each piece. */
  readonly starts: Int32Array;
}

const [NEW, BEFORE, AFTER, BOTH] = [0, 1, 2, 3];

/** The triangles of a walk. Throws where the letters make no surface. */
export function walkedFaces(walk: Walk): Walked {
  const front = new Front(walk);
  while (front.met < walk.faces) front.walkPiece();
  return { faces: front.faces, bases: front.bases, starts: Int32Array.from(front.starts) };
}

/** The loops of edges between what is walked and what is not. */
class Front {
  readonly faces: Int32Array;
  readonly bases: Int32Array;
  readonly starts: number[] = [];
  /** Triangles met. */
  met = 0;
  private vertices = 0;
  private edges = 0;
  private gate = 0;
  private letter = 0;
  private leap = 0;
  private readonly origins: Int32Array;
  private readonly opposites: Int32Array;
  private readonly befores: Int32Array;
  private readonly afters: Int32Array;
  private readonly isOpen: Uint8Array;

  constructor(private readonly walk: Walk) {
    const most = 3 * walk.faces;
    this.faces = new Int32Array(most);
    this.bases = new Int32Array(3 * walk.vertices).fill(-1);
    [this.origins, this.opposites, this.befores, this.afters] = Array.from({ length: 4 }, () => new Int32Array(most));
    this.isOpen = new Uint8Array(most);
  }

  walkPiece(): void {
    const [first, edge] = [this.vertices, this.edges];
    this.starts.push(first);
    for (let k = 0; k < 3; k++) this.bases[3 * (first + k)] = first + k - 1;
    this.vertices += 3;
    this.meet(first, first + 1, first + 2);
    for (let k = 0; k < 3; k++) this.open(first + ((k + 1) % 3), first + ((k + 2) % 3));
    for (let k = 0; k < 3; k++) this.link(edge + ((k + 1) % 3), edge + k);
    for (; this.gate < this.edges; this.gate++) if (this.isOpen[this.gate] === 1) this.step(this.gate);
  }

  private step(gate: number): void {
    if (this.met === this.walk.faces) throw new Error("a walk has more edges than triangles");
    const letter = this.walk.letters[this.letter++];
    const before = this.befores[gate], after = this.afters[gate];
    const a = this.origins[gate], b = this.origins[after];
    let leaving = -1;
    let c: number;
    if (letter === NEW) {
      c = this.vertices++;
      this.bases[3 * c] = a; this.bases[3 * c + 1] = b; this.bases[3 * c + 2] = this.opposites[gate];
    } else if (letter === BEFORE || letter === BOTH) c = this.origins[before];
    else if (letter === AFTER) c = this.origins[this.afters[after]];
    else c = this.origins[(leaving = gate + this.walk.leaps[this.leap++])];
    this.meet(a, b, c);
    this.isOpen[gate] = 0;
    let first = -1, second = -1;
    if (letter === BEFORE || letter === BOTH) this.isOpen[before] = 0;
    else this.link(before, (first = this.open(a, b)));
    if (letter === AFTER || letter === BOTH) this.isOpen[after] = 0;
    else this.link((second = this.open(c, a)), after);
    if (letter === NEW) this.link(first, second);
    else if (letter === BEFORE) this.link(this.befores[before], second);
    else if (letter === AFTER) this.link(first, this.afters[after]);
    else if (leaving >= 0) {
      this.link(this.befores[leaving], second);
      this.link(first, leaving);
    }
  }

  private meet(a: number, b: number, c: number): void {
    const at = 3 * this.met++;
    this.faces[at] = a; this.faces[at + 1] = b; this.faces[at + 2] = c;
  }

  private open(origin: number, opposite: number): number {
    const edge = this.edges++;
    this.origins[edge] = origin;
    this.opposites[edge] = opposite;
    this.isOpen[edge] = 1;
    return edge;
  }

  private link(edge: number, after: number): void {
    this.afters[edge] = after;
    this.befores[after] = edge;
  }
}

/**
 * Positions from how far off they are, modulo 2^16; the counterpart of `off_expected` in `meshing/packed.py`.
 *
 * `off` has all x, then all y, then all z; small numbers of either sign are interleaved: 0, -1, 1, -2, ...
 */
export function placedPositions(off: Int32Array, bases: Int32Array): Int32Array {
  const count = bases.length / 3;
  const found = new Int32Array(3 * count);
  for (let vertex = 0; vertex < count; vertex++) {
    const a = 3 * bases[3 * vertex], b = 3 * bases[3 * vertex + 1], o = 3 * bases[3 * vertex + 2];
    const end = b >= 0 ? mirroredAt(found, a, b, o) : -1;
    for (let axis = 0; axis < 3; axis++) {
      let expected = 0;
      if (end >= 0) expected = 2 * found[end + axis] - found[o + axis];
      else if (b >= 0) expected = found[a + axis] + found[b + axis] - found[o + axis];
      else if (a >= 0) expected = found[a + axis];
      const code = off[axis * count + vertex];
      found[3 * vertex + axis] = (expected + (code & 1 ? -(code + 1) / 2 : code / 2)) & 0xffff;
    }
  }
  return found;
}

/** The end of a gate that a triangle is mirrored at, as a place in `found`; -1 where it is turned. */
function mirroredAt(found: Int32Array, a: number, b: number, o: number): number {
  let gate = 0, fromA = 0, fromB = 0;
  for (let axis = 0; axis < 3; axis++) {
    gate += (found[a + axis] - found[b + axis]) ** 2;
    fromA += (found[a + axis] - found[o + axis]) ** 2;
    fromB += (found[b + axis] - found[o + axis]) ** 2;
  }
  if (10 * Math.max(fromA, fromB) <= 13 * gate) return -1;
  return fromA > fromB ? b : a;
}
