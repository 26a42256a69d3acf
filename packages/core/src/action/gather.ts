/** All of a stream in one piece; undefined as soon as it has more than `most` bytes, and the rest is not read then. */
export async function gather(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  most: number,
): Promise<Buffer | undefined> {
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > most) return undefined;
    read.push(chunk);
  }
  return Buffer.concat(read);
}
