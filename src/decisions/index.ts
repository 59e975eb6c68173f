/** What analysts decide: the file that it is kept in, and answers judged with it. */
export { applyDecisions, contactsNotAllowed, inForce, type Judged, warningsOf } from './apply.ts'
export {
  addDecisions,
  decisionsText,
  type NewDecision,
  newDecision,
  parseDecisions,
  readDecisions,
  removeDecision,
} from './file.ts'
export { type OwnerOf, readSubject, saySubject } from './subject.ts'
export { truthFromDecisions } from './truth.ts'
