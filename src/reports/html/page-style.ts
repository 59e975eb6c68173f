import { palette } from './palette.ts'

const variables = (colours: Readonly<Record<string, string>>): string =>
  Object.entries(colours)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';')

/** The page's whole style; it takes its fonts from the reader's machine and nothing from any network. */
export const pageStyle = `
:root{color-scheme:light dark;${variables(palette.light)}}
@media (prefers-color-scheme:dark){:root{${variables(palette.dark)}}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0 auto;padding:1.25rem 1rem 4rem;max-width:74rem;background:var(--paper);color:var(--ink);
  font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.3rem;line-height:1.25;margin:2.6rem 0 .6rem;padding-top:.7rem;border-top:2px solid var(--rule)}
h3{font-size:1.08rem;line-height:1.3;margin:0 0 .4rem}
h4{font-size:.95rem;margin:.9rem 0 .2rem}
p{margin:.35rem 0;max-width:48rem}
ul{margin:.25rem 0;padding-left:1.25rem;max-width:48rem}
li{margin:.2rem 0}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);
  outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.4rem}
.quiet{color:var(--quiet)}
.lead{font-size:1.12rem}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:0;max-width:none}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.88em}
pre{white-space:pre-wrap;background:var(--paper);border:1px solid var(--rule);border-radius:4px;
  padding:.6rem;margin:.4rem 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.94rem}
caption{text-align:left;color:var(--quiet);padding:.3rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--rule)}
thead th{color:var(--quiet);font-weight:600;white-space:nowrap}
tbody th{font-weight:600}
tbody th.address{min-width:16ch}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.badge{display:inline-block;font-size:.76rem;font-weight:700;letter-spacing:.04em;text-transform:uppercase;
  border:1.5px solid currentColor;border-radius:3px;padding:0 .38rem;white-space:nowrap}
.high{color:var(--high)}.medium{color:var(--medium)}.low{color:var(--low)}.note{color:var(--quiet)}
.finding{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:.9rem 1rem;margin:.9rem 0}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;margin:.5rem 0}
.facts dt{color:var(--quiet)}.facts dd{margin:0}
details{margin:.5rem 0}
summary{cursor:pointer;color:var(--link);padding:.15rem 0}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));gap:1.1rem 1.6rem;
  margin:1rem 0}
@media (min-width:48rem){.two{grid-template-columns:1fr 1fr}.two svg{max-width:28rem}}
figure{margin:0;min-width:0}
figcaption{font-size:.9rem;margin:0 0 .3rem;max-width:none}
figcaption b{display:block;font-size:.95rem}
svg{display:block;width:100%;height:auto;max-width:34rem;overflow:visible}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--quiet)}
svg .strong{fill:var(--ink);font-weight:600}
svg .end{text-anchor:end}svg .middle{text-anchor:middle}
svg .axis{stroke:var(--rule);stroke-width:1;fill:none}
svg .line{fill:none;stroke-width:1.6}
svg .cut{stroke:var(--ink);stroke-width:1.4;stroke-dasharray:5 4;fill:none}
svg .faint{stroke-dasharray:1.5 3}
.fill-accused{fill:var(--accused)}.fill-rest{fill:var(--rest)}.fill-cnc{fill:var(--cnc)}
.line-accused{stroke:var(--accused)}.line-rest{stroke:var(--rest)}.line-cnc{stroke:var(--cnc)}
svg .text-accused{fill:var(--accused);font-weight:600}svg .text-cnc{fill:var(--cnc);font-weight:600}
@media (max-width:40rem){
  .stack thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
  .stack tr{display:block;border-bottom:1px solid var(--rule);padding:.5rem 0}
  .stack th,.stack td{display:block;border:0;padding:.05rem 0;text-align:left}
  .stack td:empty{display:none}
  .stack th,.stack .beside{display:inline-block;margin-right:.6rem}
  .stack td[data-name]::before{content:attr(data-name) " ";color:var(--quiet)}
  .facts{grid-template-columns:1fr}.facts dd{margin-bottom:.3rem}
}
@media print{
  :root{color-scheme:light;${variables(palette.light)}}
  body{max-width:none;padding:0;font-size:10pt}
  nav,.skip{display:none}
  h2,h3,h4{break-after:avoid}
  figure,tr{break-inside:avoid}
  .figures{grid-template-columns:1fr 1fr}
  a{color:inherit;text-decoration:none}
  details:not([open])>summary{color:var(--quiet)}
}
`
