/** Addresses to the bytes that lie in this page, as `blob:` addresses that can be fetched like a server's. */
export async function filesWithin(root: ParentNode): Promise<Map<string, string>> {
  const holders = [...root.querySelectorAll<HTMLScriptElement>("script[data-url]")];
  const files = await Promise.all(holders.map(async (holder) => [holder.dataset["url"]!, await blobAddress(holder)] as const));
  for (const holder of holders) holder.remove(); // the text is no longer needed, and large
  return new Map(files);
}

async function blobAddress({ textContent, dataset }: HTMLScriptElement): Promise<string> {
  const packed = Uint8Array.from(atob(textContent!.trim()), (letter) => letter.charCodeAt(0));
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = await new Response(plain).arrayBuffer();
  return URL.createObjectURL(new Blob([bytes], { type: dataset["type"] ?? "" }));
}

/** A value of JSON with every address that is known replaced by its own. */
export function readdressed<T>(value: T, addresses: ReadonlyMap<string, string>): T {
  if (typeof value === "string") return (addresses.get(value) ?? value) as T;
  if (Array.isArray(value)) return value.map((part) => readdressed(part, addresses)) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, readdressed(part, addresses)])) as T;
}
