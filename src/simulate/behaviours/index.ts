/** Every behaviour. To add one: write it beside its like, list it here. */
import type { Behaviour } from '../behaviour.ts'
import { audit, discover, logOn, openFiles, print, resolveForOthers } from './campus.ts'
import { antivirus, copyAway, poll, push, retry, setClock, update, watch } from './clockwork.ts'
import { admit, answerNames, radiate, receiveVisitors } from './inbound.ts'
import { readMail, relayMail, sendMail, sendNewsletter } from './mail.ts'
import {
  awaitNews,
  call,
  play,
  register,
  shareFiles,
  stream,
  syncFiles,
  telephone,
  workFromAfar,
} from './media.ts'
import { browse, downloadProgram, fetchForOthers, mistype } from './web.ts'

export const behaviours: readonly Behaviour[] = [
  browse,
  fetchForOthers,
  mistype,
  downloadProgram,
  poll,
  push,
  setClock,
  update,
  antivirus,
  retry,
  copyAway,
  watch,
  readMail,
  sendMail,
  relayMail,
  sendNewsletter,
  stream,
  call,
  register,
  telephone,
  play,
  shareFiles,
  syncFiles,
  awaitNews,
  workFromAfar,
  logOn,
  openFiles,
  print,
  audit,
  discover,
  resolveForOthers,
  receiveVisitors,
  answerNames,
  admit,
  radiate,
]
