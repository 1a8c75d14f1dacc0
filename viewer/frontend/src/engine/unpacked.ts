import { BufferAttribute, type BufferGeometry, type InterleavedBufferAttribute } from "three";

/** The first few numbers of each vertex of an attribute, without the file's padding and normalization. */
export function unpacked(geometry: BufferGeometry, name: string, items: number): Float32Array {
  const attribute = geometry.getAttribute(name) as BufferAttribute | InterleavedBufferAttribute;
  const values = new Float32Array(attribute.count * items);
  if (attribute.normalized) {
    for (let i = 0; i < values.length; i++) values[i] = attribute.getComponent(Math.floor(i / items), i % items);
    return values;
  }
  const isPlain = attribute instanceof BufferAttribute;
  const [array, stride, offset] = isPlain ? [attribute.array, attribute.itemSize, 0] : [attribute.data.array, attribute.data.stride, attribute.offset];
  for (let vertex = 0, at = 0; vertex < attribute.count; vertex++) {
    for (let item = 0; item < items; item++) values[at++] = array[vertex * stride + offset + item];
  }
  return values;
}
