/** The style of the pages: the report's, and what a list, a bar and a dialog need beside. */
import { pageStyle } from '../reports/html/page-style.ts'

export const style = `${pageStyle}
body{max-width:92rem;padding-top:.6rem}
header.top{display:flex;flex-wrap:wrap;align-items:baseline;gap:.3rem 1.2rem;border-bottom:2px solid var(--rule);
  padding:.3rem 0 .5rem;margin-bottom:1rem}
header.top .brand{font-weight:700;font-size:1.1rem;color:var(--ink);text-decoration:none}
header.top nav ul{margin:0;gap:.1rem .9rem}
header.top a[aria-current]{color:var(--ink);font-weight:600;text-decoration:none;
  border-bottom:2px solid var(--accused)}
header.top .spring{flex:1}
main h1{margin-top:.2rem}
h1.mono,h1 .mono{font-size:1.4rem}
blockquote{margin:.4rem 0;padding-left:.9rem;border-left:3px solid var(--rule);max-width:48rem}
ol{max-width:48rem;padding-left:1.5rem}
h2{margin-top:1.8rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.7rem;margin:1rem 0;padding:0;
  list-style:none;max-width:none}
.tiles li{margin:0;background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:.55rem .8rem}
.tiles b{display:block;font-size:1.55rem;line-height:1.2;font-variant-numeric:tabular-nums}
.tiles a{text-decoration:none}
.split{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1fr);gap:0 2.2rem}
@media (max-width:60rem){.split{grid-template-columns:minmax(0,1fr)}}
.filters{display:flex;flex-wrap:wrap;gap:.45rem .8rem;align-items:end;margin:.6rem 0}
.filters label{display:flex;flex-direction:column;font-size:.82rem;color:var(--quiet);gap:.1rem}
.filters .pair{display:flex;flex-wrap:wrap;gap:.45rem .8rem}
.filters input[type=search]{width:9.5rem}
.filters label.inline{flex-direction:row;align-items:center;gap:.35rem;padding-bottom:.3rem}
input,select,textarea,button{font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--rest);
  border-radius:5px;padding:.25rem .5rem;min-height:2rem}
input[type=file]{max-width:min(22rem,calc(100vw - 1.6rem));min-width:0}
input[type=checkbox],input[type=radio]{min-height:0;accent-color:var(--accused)}
button{background:var(--panel);cursor:pointer}
button.main{background:var(--link);border-color:var(--link);color:var(--paper);font-weight:600}
button:hover{border-color:var(--ink)}
button:focus-visible,input:focus-visible,select:focus-visible,textarea:focus-visible,
tr:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:1px}
.actions{display:flex;flex-wrap:wrap;gap:.4rem;margin:.5rem 0;align-items:center}
.list{max-height:calc(100vh - 15rem);min-height:18rem;overflow:auto;border:1px solid var(--rule);border-radius:8px;
  overflow-anchor:none}
.list table{table-layout:fixed;min-width:56rem}
.list thead th{position:sticky;top:0;background:var(--panel);z-index:1;padding:.4rem .6rem}
.list thead button{all:unset;cursor:pointer;font-weight:600}
.list thead button:focus-visible{outline:3px solid var(--link)}
.list tbody tr{height:34px}
.list td,.list tbody th{padding:0 .6rem;height:34px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;
  vertical-align:middle;overflow-wrap:normal}
.list tbody tr[aria-selected=true]{background:var(--panel);box-shadow:inset 3px 0 var(--accused)}
.list tbody tr.pad,.list tbody tr.pad td{height:auto;padding:0;border:0}
.c-rank{width:4rem}.c-host{width:10.5rem}.c-sev{width:6.4rem}.c-conf{width:15rem}.c-kind{width:9.5rem}.c-place{
  width:13rem}
.conf,td>a.mono,th>a.mono{white-space:nowrap}
td .conf{min-width:12rem;display:inline-block}
@media (min-width:40rem){td.reasons{min-width:20rem}}
.figures.wide{grid-template-columns:1fr}
.figures.wide svg{max-width:60rem}
.meter{display:inline-block;vertical-align:middle;width:3.2rem;height:.6rem;max-width:none;margin-right:.4rem}
svg.meter{display:inline-block;width:3.2rem}
.chip{display:inline-block;border:1px solid var(--rule);border-radius:99px;padding:0 .5rem;font-size:.82rem;
  margin:.1rem .2rem .1rem 0;background:var(--paper);white-space:nowrap}
.chip.new,.chip.back{border-color:var(--accused);color:var(--accused)}
.chip.allowed{border-style:dashed}
.chip.confirmed{border-color:var(--cnc);color:var(--cnc)}
.stackbar{margin:.5rem 0;max-width:36.25rem}
.stackbar svg{max-width:none}
dialog h2{margin:0 0 .6rem;padding:0;border:0}
h3{margin-top:1rem}
.state{border:1px dashed var(--rule);border-radius:8px;padding:1.6rem;text-align:center;color:var(--quiet);
  margin:1rem 0}
.state b{display:block;color:var(--ink);font-size:1.1rem}
dialog{background:var(--paper);color:var(--ink);border:1px solid var(--rule);border-radius:10px;max-width:34rem;
  width:calc(100vw - 2rem);padding:1rem 1.2rem}
dialog::backdrop{background:rgb(0 0 0/.45)}
dialog fieldset{border:0;padding:0;margin:.6rem 0}
dialog legend{font-weight:600;padding:0}
dialog label{display:block;margin:.3rem 0}
dialog label input:not([type]),dialog textarea{width:100%}
.warn{border-left:4px solid var(--high);background:var(--panel);padding:.4rem .7rem;margin:.6rem 0}
.split.even{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
@media (max-width:60rem){.split.even{grid-template-columns:minmax(0,1fr)}}
.map>svg{max-width:none}
.map .frame{fill:var(--panel);stroke:var(--rule)}
.map a:hover .mark{stroke:var(--ink);stroke-width:2}
.mark{stroke:var(--panel);stroke-width:.6;fill:var(--rest);fill-opacity:.4}
.mark.few{fill:var(--accused);fill-opacity:.5}
.mark.many{fill:var(--accused);fill-opacity:.75}
.mark.all{fill:var(--accused);fill-opacity:1}
.mark.bots{stroke:var(--cnc);stroke-width:2.5}
.ring{fill:none;stroke:var(--ink);stroke-width:1.6}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;max-width:none}
.legend svg{display:inline-block;width:1rem;height:1rem;vertical-align:-.15em}
.told{border-left:4px solid var(--rest);background:var(--panel);padding:.4rem .7rem;margin:.6rem 0}
.job{display:flex;flex-wrap:wrap;gap:.3rem 1rem;align-items:center;background:var(--panel);border:1px solid var(--rule);
  border-radius:8px;padding:.35rem .8rem;margin:0 0 .8rem}
.job span{flex:1 1 14rem;overflow-wrap:anywhere}
progress{accent-color:var(--accused);flex:1 1 10rem;height:.8rem}
label.inline{display:inline-flex;flex-wrap:wrap;align-items:center;gap:.35rem;overflow-wrap:normal}
button:disabled{opacity:.55;cursor:default}
.toast a{color:inherit}
.toast{position:fixed;left:50%;bottom:1.2rem;transform:translateX(-50%);background:var(--ink);color:var(--paper);
  border-radius:8px;padding:.6rem 1rem;display:flex;gap:.9rem;align-items:center;max-width:calc(100vw - 2rem);
  z-index:10}
.toast button{background:transparent;color:var(--paper);border-color:var(--paper)}
.picture svg{max-width:38rem}
svg .dots{stroke-width:4;stroke-linecap:round}
kbd{border:1px solid var(--rule);border-bottom-width:2px;border-radius:4px;padding:0 .3rem;font-size:.82em;
  font-family:ui-monospace,monospace}
.more{margin-left:.5rem}
.visually-hidden{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden;white-space:nowrap}
@media (max-width:40rem){
  body{padding:.4rem .7rem 5rem}
  .keys{display:none}
  .list{max-height:none;border:0;overflow:visible}
  .list table,.list tbody{display:block;min-width:0}
  td .conf,.conf{min-width:0}
  .list thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
  .list tbody tr:not(.pad){display:grid;grid-template-columns:1fr auto;height:auto;padding:.45rem .2rem;
  gap:.1rem .6rem;border-bottom:1px solid var(--rule)}
  .list tbody td,.list tbody th{display:block;height:auto;border:0;padding:0;white-space:normal}
  .list .c-why,.list .c-conf{grid-column:1/-1}
  .list .c-kind,.list .c-place,.list .c-rank{display:none}
  .filters label{flex:1 1 8rem}
  .filters input[type=search]{width:100%}
}
@media print{
  header.top nav,.filters,.actions,.toast,.job,dialog,button{display:none!important}
  .list{max-height:none;overflow:visible;border:0}
  .list table{table-layout:auto;min-width:0}
  .list thead th{position:static;padding:0 .3rem}
  .list thead button{display:inline!important}
  .list td,.list tbody th{white-space:normal;height:auto;padding:.1rem .3rem;overflow-wrap:anywhere}
  .list tbody tr{height:auto;break-inside:avoid}
  .keys,.c-rank,.c-host,.c-sev,.c-conf,.c-kind,.c-place{width:auto}
  .keys,.list .c-place{display:none}
}
@media (prefers-reduced-motion:no-preference){.toast{animation:up .15s ease-out}@keyframes up{from{opacity:0}}}
`
