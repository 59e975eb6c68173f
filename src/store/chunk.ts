/** A stream of one chunk: what `Store.insert` takes where all bytes are at hand. */
export async function* oneChunk(chunk: Uint8Array): AsyncIterable<Uint8Array> {
  yield chunk
}
