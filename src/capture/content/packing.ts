/** Ways in which files are packed. */

/** What is wrong with packed data; whoever knows the file makes a message of it. */
export class Broken extends Error {}

/** Packed data that would take more memory than one input may have: what it wants, as the end of a sentence. */
export class TooWide extends Error {}
