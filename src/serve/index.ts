/** The pages and the HTTP API of `gannet serve`. */

export { createJobs, type Tell, type Work } from './jobs.ts'
export { listen } from './listen.ts'
export { openSession } from './session.ts'
