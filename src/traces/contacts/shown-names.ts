/** What a name, and the name on a certificate, show by themselves. */
import { popularityOf } from '../../knowledge/index.ts'

/** Suffixes of which reports of Spamhaus and Interisle on abused domains name the largest shares. */
const cheap = new Set(
  [
    'bid bond buzz cc cf cfd click cyou date download faith fun ga gq icu link live loan men ml',
    'monster mom online party pro pw quest rest review sbs science shop site skin space store',
    'stream su surf tk today top trade website win work ws xin xyz zip',
  ].flatMap((line) => line.split(' ')),
)
export const isCheap = (name: string | null): boolean =>
  name !== null && cheap.has(name.slice(name.lastIndexOf('.') + 1))

/** Whether the registered label has digits among its letters, or six consonants in a row. */
export function isThrownTogether(domain: string): boolean {
  const label = domain.split('.')[0] ?? ''
  if (label.length < 7 || label.startsWith('xn--')) return false
  const turns = label.match(/[a-z](?=\d)|\d(?=[a-z])/g)?.length ?? 0
  return turns >= 3 || /[bcdfghjklmnpqrstvwxz]{6}/.test(label)
}

/** How far a certificate is made out to somebody else; 0 without one. */
export function misnamedOf(name: string | null, subject: string): number {
  const common = /(?:^|[,/]\s*)CN\s*=\s*([^,/]+)/i.exec(subject)?.[1]?.trim().toLowerCase()
  if (name === null || common === undefined) return 0
  if (!common.includes('.')) return 1
  return popularityOf(common.replace(/^\*\./, '')).domain === popularityOf(name).domain ? 0 : 0.4
}
