/**
 * How alike two detected bots are. Gu et al., BotMiner 2008, section 3.5, equation 2.
 *
 *     sim(hi, hj) = Σ_{k ≤ mB} I(bk(i) = bk(j))  +  I( Σ_{mB < k ≤ mB+nB} I(bk(i) = bk(j)) ≥ 1 )
 *
 * As printed, two bots that are both *absent* from a cluster agree on it, so with any C-cluster that holds neither
 * the second term is always 1. The text says "appear in the same activity clusters and in at least one common
 * C-cluster"; that is what `together` computes, I(bk(i) = bk(j) = 1). `literal` keeps the printed form.
 */

/** Memberships of one bot: a flag for each A-cluster, then for each C-cluster. */
export interface Membership {
  readonly a: readonly boolean[]
  readonly c: readonly boolean[]
}

export type SimilarityForm = 'together' | 'literal'

/** 0 to (number of A-clusters + 1). */
export function similarity(one: Membership, other: Membership, form: SimilarityForm = 'together'): number {
  const agree = form === 'literal' ? (x: boolean, y: boolean) => x === y : (x: boolean, y: boolean) => x && y
  const activities = one.a.filter((flag, k) => agree(flag, other.a[k]!)).length
  const communications = one.c.some((flag, k) => agree(flag, other.c[k]!))
  return activities + (communications ? 1 : 0)
}

/** 0 (all in common) to 1 (nothing). Pitfall 2. */
export const distance = (one: Membership, other: Membership, form: SimilarityForm = 'together'): number =>
  1 - similarity(one, other, form) / (one.a.length + 1)
