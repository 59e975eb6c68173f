/** How a capture begins: by itself, or in the middle of a file where captures were put one behind the other. */

/** The magic numbers of the classic file, as read in its own byte order. */
export const magic = { micro: 0xa1b2c3d4, nano: 0xa1b23c4d, kuznetzov: 0xa1b2cd34 } as const
export const isClassicMagic = (word: number): boolean =>
  word === magic.micro || word === magic.nano || word === magic.kuznetzov

export const sectionMagic = 0x0a0d0d0a
export const byteOrderMagic = 0x1a2b3c4d

export const fileHeaderBytes = 24
const sectionHeaderBytes = 12

/** Whether a word may begin a capture, in either byte order: asked of every packet. */
export const mayBegin = (word: number): boolean =>
  (word & 0xffff) === 0xb2a1 || word >>> 16 === 0xa1b2 || word === sectionMagic

/**
 * Whether the header of a capture is at `at`: its magic number, and of the classic file the version, and numbers that
 * are always 0. null when more bytes are needed to say so.
 */
export function beginsCapture(view: DataView, at: number, to: number): boolean | null {
  if (to - at < 4) return null
  const word = view.getUint32(at)
  if (word === sectionMagic) {
    if (to - at < sectionHeaderBytes) return null
    return view.getUint32(at + 8) === byteOrderMagic || view.getUint32(at + 8, true) === byteOrderMagic
  }
  const little = !isClassicMagic(word)
  if (little && !isClassicMagic(view.getUint32(at, true))) return false
  if (to - at < fileHeaderBytes) return null
  const isVersion = view.getUint16(at + 4, little) === 2 && view.getUint16(at + 6, little) <= 4
  return isVersion && view.getUint32(at + 12, little) === 0
}
