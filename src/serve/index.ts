/** The pages and the HTTP API of `gannet serve`. */

export { listen } from './listen.ts'
export { openSession } from './session.ts'
