import type { Answer, Figures } from '../model/answer.ts'

/** The part of an answer that is about one botnet: findings, hosts, figures. Null where there is none of that id. */
export function ofBotnet(
  answer: Answer,
  figures: Figures,
  id: string,
): { readonly answer: Answer; readonly figures: Figures } | null {
  const botnet = answer.botnets.find((each) => each.id === id)
  if (!botnet) return null
  const members = new Set(botnet.hosts)
  const findings = answer.findings.filter(({ hosts }) => hosts.some((host) => members.has(host)))
  const kept = new Set(findings.map((finding) => finding.id))

  return {
    answer: {
      ...answer,
      botnets: [botnet],
      findings,
      hosts: answer.hosts.filter(({ host }) => findings.some(({ hosts }) => hosts.includes(host))),
      suspects: [],
      lifeCycles: answer.lifeCycles.filter(({ host }) => members.has(host)),
    },
    figures: {
      ...figures,
      contacts: figures.contacts.filter((each) => each.botnet === id),
      distributions: figures.distributions.filter((each) => each.botnet === id),
      timelines: figures.timelines.filter(({ subject }) => subject === id),
      beacons: figures.beacons.filter(({ finding }) => kept.has(finding)),
    },
  }
}
