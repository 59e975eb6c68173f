/** Ways in which files are packed. */

/** What is wrong with packed data; whoever knows the file makes a message of it. */
export class Broken extends Error {}
