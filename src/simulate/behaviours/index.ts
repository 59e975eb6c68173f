/** Every behaviour. To add one: write it beside its like, list it here. */
import type { Behaviour } from '../behaviour.ts'
import { installInClass, survey } from './acting.ts'
import { audit, discover, logOn, openFiles, print, resolveForOthers } from './campus.ts'
import { poll, push, retry, setClock, watch } from './clockwork.ts'
import { admit, answerNames, radiate, receiveVisitors } from './inbound.ts'
import { readMail, relayMail, sendMail, sendNewsletter } from './mail.ts'
import { call, play, register, stream, telephone, workFromAfar } from './media.ts'
import {
  askReputation,
  followDeadLinks,
  readTrackedLetter,
  reportUnderOwnName,
  setClockByPool,
  visitContentNetwork,
} from './names.ts'
import { askGameServers, shareBySources, telephoneByPeers } from './peers.ts'
import { awaitNews, shareFiles, syncFiles } from './sharing.ts'
import { antivirus, copyAway, update } from './upkeep.ts'
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
  shareBySources,
  telephoneByPeers,
  askGameServers,
  syncFiles,
  awaitNews,
  workFromAfar,
  logOn,
  openFiles,
  print,
  audit,
  discover,
  survey,
  installInClass,
  resolveForOthers,
  receiveVisitors,
  answerNames,
  admit,
  radiate,
  visitContentNetwork,
  setClockByPool,
  askReputation,
  readTrackedLetter,
  reportUnderOwnName,
  followDeadLinks,
]
