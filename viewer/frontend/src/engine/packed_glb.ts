import { placedPositions, walkedFaces, type Walk } from "../maths/walk";
import { normalBytes } from "../maths/vertex_normals";

/** How one part of a packed file is packed; `meshing/packed.py` has the words for it. */
type Part = Differences | Walked;

interface Differences {
  readonly kind: "differences";
  readonly view: number;
  /** Bytes of a number, and numbers of an element. */
  readonly bytes: number;
  readonly columns: number;
}

interface Walked {
  readonly kind: "walk";
  /** Views that the walk says. */
  readonly positions: number;
  readonly normals: number;
  readonly components: number | null;
  readonly indices: number;
  readonly vertices: number;
  readonly faces: number;
  readonly leaps: number;
  readonly pieces: number;
}

interface Document {
  readonly accessors?: readonly { readonly componentType: number }[];
  readonly bufferViews?: readonly { readonly byteOffset: number; readonly byteLength: number }[];
  readonly buffers?: readonly { readonly byteLength: number }[];
}

const PACKED = 0x4b506c67; // "glPK"
const GLTF = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;
const BINARY_CHUNK = 0x004e4942;
const [UNSIGNED_BYTE, UNSIGNED_SHORT] = [5121, 5123];

/** The GLB that was packed, to the bit; anything else comes back as it is. Throws where a packed file ends early. */
export function unpackedGlb(file: ArrayBuffer): ArrayBuffer {
  const reader = new Reader(file);
  if (file.byteLength < 8 || reader.number() !== PACKED) return file;
  const text = reader.bytes(reader.number());
  const { parts } = JSON.parse(new TextDecoder().decode(reader.bytes(reader.number()))) as { parts: Part[] };
  const document = JSON.parse(new TextDecoder().decode(text)) as Document;
  const size = document.buffers?.[0].byteLength ?? 0;
  const glb = new ArrayBuffer(20 + text.length + (size > 0 ? 8 + size : 0));
  const words = new DataView(glb);
  [GLTF, 2, glb.byteLength, text.length, JSON_CHUNK].forEach((word, at) => words.setUint32(4 * at, word, true));
  new Uint8Array(glb).set(text, 20);
  if (size === 0) return glb;
  words.setUint32(20 + text.length, size, true);
  words.setUint32(24 + text.length, BINARY_CHUNK, true);
  const binary = new Uint8Array(glb, 28 + text.length, size);
  for (const part of parts) {
    if (part.kind === "walk") unpackWalk(part, document, reader, binary);
    else unpackDifferences(part, document, reader, binary);
  }
  return glb;
}

function viewOf(document: Document, number: number, binary: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const { byteOffset, byteLength } = document.bufferViews![number];
  return binary.subarray(byteOffset, byteOffset + byteLength);
}

function unpackDifferences(part: Differences, document: Document, reader: Reader, binary: Uint8Array<ArrayBuffer>): void {
  const view = viewOf(document, part.view, binary);
  const numbers = view.length / part.bytes;
  const rows = Math.ceil(numbers / part.columns);
  const off = reader.planes(part.columns * rows, part.bytes);
  for (let column = 0; column < part.columns; column++) {
    let value = 0;
    for (let row = 0, at = column; row < rows && at < numbers; row++, at += part.columns) {
      value = (value + off[column * rows + row]) | 0;
      for (let byte = 0; byte < part.bytes; byte++) view[at * part.bytes + byte] = value >>> (8 * byte);
    }
  }
}

function unpackWalk(part: Walked, document: Document, reader: Reader, binary: Uint8Array<ArrayBuffer>): void {
  const walk: Walk = {
    vertices: part.vertices,
    faces: part.faces,
    letters: reader.bytes(part.faces - part.pieces),
    leaps: reader.planes(part.leaps, 4),
  };
  const { faces, bases, starts } = walkedFaces(walk);
  const positions = placedPositions(reader.planes(3 * part.vertices, 2), bases);
  writeColumns(positions, 3, 2, viewOf(document, part.positions, binary));
  writeColumns(normalBytes(positions, faces), 3, 1, viewOf(document, part.normals, binary));
  const indices = viewOf(document, part.indices, binary);
  writeColumns(faces, 1, indices.length / faces.length, indices);
  if (part.components === null) return;
  const numbers = eachVertex(reader.planes(part.pieces, 4), starts, part.vertices);
  const view = viewOf(document, part.components, binary);
  const kind = document.accessors![part.components].componentType;
  if (kind === UNSIGNED_BYTE || kind === UNSIGNED_SHORT) writeColumns(numbers, 1, kind === UNSIGNED_BYTE ? 1 : 2, view);
  else writeColumns(new Int32Array(Float32Array.from(numbers).buffer), 1, 4, view);
}

/** The number of its piece for each vertex. */
function eachVertex(numbers: Int32Array, starts: Int32Array, vertices: number): Int32Array {
  const found = new Int32Array(vertices);
  for (let piece = 0; piece < numbers.length; piece++) found.fill(numbers[piece], starts[piece], starts[piece + 1] ?? vertices);
  return found;
}

/** Write elements of a few numbers of 1, 2 or 4 bytes, each element padded to 4 bytes unless they are indices. */
function writeColumns(values: Int32Array, columns: number, bytes: number, { buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): void {
  const cells = new (bytes === 1 ? Uint8Array : bytes === 2 ? Uint16Array : Uint32Array)(buffer, byteOffset, length / bytes);
  const stride = (cells.length * columns) / values.length;
  for (let from = 0, to = 0; from < values.length; to += stride) {
    for (let column = 0; column < columns; column++) cells[to + column] = values[from++];
  }
}

class Reader {
  private at = 0;
  constructor(private readonly file: ArrayBuffer) {}

  bytes(count: number): Uint8Array {
    if (this.at + count > this.file.byteLength) throw new Error(`the packed file ends after ${this.file.byteLength} bytes`);
    const found = new Uint8Array(this.file, this.at, count);
    this.at += count;
    return found;
  }

  number(): number {
    const [a, b, c, d] = this.bytes(4);
    return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
  }

  /** Numbers of a few bytes, stored plane by plane. */
  planes(count: number, bytes: number): Int32Array {
    const found = new Int32Array(count);
    for (let byte = 0; byte < bytes; byte++) {
      const plane = this.bytes(count);
      for (let i = 0; i < count; i++) found[i] |= plane[i] << (8 * byte);
    }
    return found;
  }
}
