/** The pages and the HTTP API of `gannet serve`. */
export { openDesk } from './desk.ts'
export { listen } from './listen.ts'
