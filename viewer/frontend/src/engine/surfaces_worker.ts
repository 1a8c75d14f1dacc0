import { prepare, type PreparedFile, type Wish } from "./prepare";

/** What a worker is asked, and what it answers; its first word, that it is there, is `null`. */
export interface Asked {
  readonly bytes: ArrayBuffer;
  readonly wish: Wish;
}
export type Answered = { readonly made: PreparedFile } | { readonly fault: string };

interface Here {
  onmessage: ((event: MessageEvent<Asked>) => void) | null;
  postMessage(answer: Answered | null, transfer?: Transferable[]): void;
}
const here = globalThis as unknown as Here;

here.onmessage = ({ data: { bytes, wish } }) => {
  prepare(bytes, wish).then(
    (made) => here.postMessage({ made }, buffersOf(made)),
    (fault: unknown) => here.postMessage({ fault: fault instanceof Error ? fault.message : String(fault) }),
  );
};

here.postMessage(null);

/** Each once: an index may share its file's. */
function buffersOf({ surfaces }: PreparedFile): Transferable[] {
  const arrays = surfaces.flatMap(({ index, coarse, attributes }) => [index, ...(coarse === null ? [] : [coarse]), ...Object.values(attributes).map(([array]) => array)]);
  return [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))];
}
