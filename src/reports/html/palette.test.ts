import { describe, expect, it } from 'vitest'
import { palette, type Tint } from './palette.ts'

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

const text: readonly Tint[] = ['ink', 'quiet', 'link', 'accused', 'cnc', 'low', 'medium', 'high']
const shapes: readonly Tint[] = ['accused', 'cnc', 'rest', 'link']

describe.each(['light', 'dark'] as const)('the %s palette', (scheme) => {
  const colours = palette[scheme]

  it.each(text)('writes %s at 4.5 to 1 on paper and on panels', (tint) => {
    expect(contrast(colours[tint], colours.paper)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(colours[tint], colours.panel)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(shapes)('draws %s at 3 to 1 on paper and on panels', (tint) => {
    expect(contrast(colours[tint], colours.paper)).toBeGreaterThanOrEqual(3)
    expect(contrast(colours[tint], colours.panel)).toBeGreaterThanOrEqual(3)
  })
})

it('measures contrast as WCAG does', () => {
  expect(contrast('#000000', '#ffffff')).toBe(21)
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
})
