#include "runtime/report/page_parts.h"

namespace rexp::report {

// Colours: eight hues that stay apart for the common kinds of colour blindness, darker on light ground and lighter on dark;
// text on its ground has a contrast of at least 4.5.
static constexpr const char* kStyle = R"css(
:root {
  --ground: #f6f6f3; --card: #ffffff; --ink: #1b1d22; --muted: #5c606b; --line: #e2e2dc; --soft: #eeeee9;
  --accent: #1f5fbf; --accent-soft: #e4edfb; --mark: #fff0c2; --good: #0b6b4f; --good-soft: #dcf3ea;
  --c0: #1f5fbf; --c1: #c2570c; --c2: #0b7a66; --c3: #9c3587; --c4: #7a6400; --c5: #5b54c7; --c6: #b32d24; --c7: #4b5866;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121419; --card: #1a1d24; --ink: #e9eaee; --muted: #a2a7b4; --line: #2c313b; --soft: #232730;
    --accent: #8db4ff; --accent-soft: #1f2d47; --mark: #4a3d12; --good: #6fd8b2; --good-soft: #14382c;
    --c0: #7fb0ff; --c1: #f5a05a; --c2: #57cbb2; --c3: #e28fd0; --c4: #d8c255; --c5: #a9a4ff; --c6: #ff8f84; --c7: #b3bfcc;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
header.top, main { max-width: 1140px; margin: 0 auto; padding: 0 24px; }
header.top { padding-top: 40px; }
main { padding-bottom: 28px; }
.brand { margin: 0; font-size: 13px; font-weight: 700; letter-spacing: .14em; text-transform: uppercase; color: var(--accent); }
h1 { margin: 2px 0 10px; font-size: 38px; line-height: 1.15; letter-spacing: -.02em; overflow-wrap: anywhere; }
h2 { margin: 0 0 14px; font-size: 23px; letter-spacing: -.01em; }
h3 { margin: 22px 0 10px; font-size: 16px; }
h3 .muted { font-weight: 400; }
.muted { color: var(--muted); font-size: 13.5px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 0 0 14px; font-size: 14px; }
.facts div { display: flex; gap: 7px; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(168px, 1fr)); gap: 12px; margin: 20px 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 13px 16px; display: flex; flex-direction: column; min-width: 0; }
.tile strong { font-size: 26px; white-space: nowrap; line-height: 1.25; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.tile .muted { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
nav { display: flex; flex-wrap: wrap; gap: 6px; padding: 6px 0 18px; }
nav a { color: var(--ink); text-decoration: none; font-size: 14px; padding: 4px 12px; border-radius: 99px; border: 1px solid var(--line); background: var(--card); }
nav a:hover, nav a:focus-visible { border-color: var(--accent); color: var(--accent); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 24px; margin: 0 0 22px; scroll-margin-top: 16px; }
section > h3:first-of-type { margin-top: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 8px 12px; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { font-size: 13px; font-weight: 600; color: var(--muted); }
tbody th { font-weight: 500; }
tbody tr:last-child > * { border-bottom: 0; }
.summary { font-size: 15px; }
.summary th, .summary td { padding: 8px 9px; }
.summary td { position: relative; }
.summary td .fill { position: absolute; left: 8px; bottom: 3px; height: 3px; max-width: calc(100% - 16px); border-radius: 2px; background: var(--line); }
.summary td.best .fill { background: var(--accent); }
.summary td.best .value { font-weight: 750; color: var(--accent); }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 9px; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(380px, 1fr)); gap: 6px 28px; margin: 18px 0 8px; }
figure { margin: 0; min-width: 0; }
figure.wide { margin: 0 0 26px; }
figure.wide p { margin: 0 0 8px; }
figcaption { font-size: 14.5px; font-weight: 650; margin-bottom: 4px; }
figcaption .muted { font-weight: 400; margin-left: 6px; }
.chart { display: block; width: 100%; height: auto; }
.label { fill: var(--ink); font-size: 12.5px; font-variant-numeric: tabular-nums; }
.label.muted { fill: var(--muted); font-size: 11.5px; }
.label.strong { font-weight: 750; }
.axis { stroke: var(--muted); stroke-width: 1; }
.grid { stroke: var(--line); stroke-width: 1; }
.whisker { stroke: var(--ink); stroke-width: 1.4; }
.bar { fill-opacity: .82; }
.area { fill-opacity: .55; }
.curve { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
.curve.main { stroke: var(--ink); stroke-width: 2.4; }
.curve.dashed { stroke-dasharray: 5 4; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 8px 0 0; padding: 0; font-size: 13.5px; }
.legend .key { width: 22px; height: 8px; margin-right: 6px; vertical-align: middle; }
.legend b { font-variant-numeric: tabular-nums; }
.prompt { margin: 0; padding: 14px 16px; background: var(--soft); border-radius: 10px; font: 14px/1.7 ui-monospace, SFMono-Regular, Menlo, "Noto Sans Mono CJK SC", monospace; white-space: pre-wrap; overflow-wrap: anywhere; color: var(--muted); }
mark { background: var(--mark); color: var(--ink); border-radius: 4px; padding: 1px 2px; box-decoration-break: clone; -webkit-box-decoration-break: clone; }
.tok { font: 12.5px ui-monospace, SFMono-Regular, Menlo, monospace; border: 1px solid var(--line); border-radius: 5px; padding: 0 4px; margin: 0 1px; white-space: nowrap; color: inherit; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(400px, 1fr)); gap: 16px; }
.card { border: 1px solid var(--line); border-radius: 12px; padding: 16px; min-width: 0; }
.card header { display: flex; align-items: center; gap: 10px; }
.card header h3 { margin: 0; }
.card header .chip { margin-left: auto; }
.card p { margin: 8px 0; font-size: 14.5px; overflow-wrap: anywhere; }
.history { line-height: 1.6; }
.guesses { font-size: 14px; }
.guesses th, .guesses td { padding: 5px 6px; white-space: normal; }
.guesses .rank { color: var(--muted); width: 28px; text-align: right; }
.guesses tr.hit { background: var(--good-soft); }
.guesses tr.hit td:nth-child(2) { font-weight: 650; }
th.score, td.score { text-align: right; white-space: nowrap; }
.track { display: inline-block; width: 72px; height: 6px; border-radius: 3px; background: var(--soft); margin-right: 10px; vertical-align: middle; text-align: left; overflow: hidden; }
.track i { display: block; height: 100%; border-radius: 3px; background: var(--accent); }
.number { display: inline-block; min-width: 4.2em; }
.chip { font-size: 12.5px; font-weight: 600; padding: 1px 9px; border-radius: 99px; background: var(--soft); color: var(--muted); white-space: nowrap; }
.chip.good { background: var(--good-soft); color: var(--good); }
.notes { margin: 0; padding-left: 20px; }
.notes li { margin: 5px 0; }
.f0{fill:var(--c0)}.f1{fill:var(--c1)}.f2{fill:var(--c2)}.f3{fill:var(--c3)}.f4{fill:var(--c4)}.f5{fill:var(--c5)}.f6{fill:var(--c6)}.f7{fill:var(--c7)}
.s0{stroke:var(--c0)}.s1{stroke:var(--c1)}.s2{stroke:var(--c2)}.s3{stroke:var(--c3)}.s4{stroke:var(--c4)}.s5{stroke:var(--c5)}.s6{stroke:var(--c6)}.s7{stroke:var(--c7)}
.b0{background:var(--c0)}.b1{background:var(--c1)}.b2{background:var(--c2)}.b3{background:var(--c3)}.b4{background:var(--c4)}.b5{background:var(--c5)}.b6{background:var(--c6)}.b7{background:var(--c7)}
.t0{color:var(--c0)}.t1{color:var(--c1)}.t2{color:var(--c2)}.t3{color:var(--c3)}.t4{color:var(--c4)}.t5{color:var(--c5)}.t6{color:var(--c6)}.t7{color:var(--c7)}
.tok[class*=" t"] { border-color: currentColor; font-weight: 650; background: var(--card); }
@media (max-width: 560px) { .panels, .cards { grid-template-columns: 1fr; } h1 { font-size: 30px; } section { padding: 18px 14px; } header.top, main { padding-left: 12px; padding-right: 12px; } }
@media print { body { background: #fff; } nav { display: none; } section, figure, .card { break-inside: avoid; } }
)css";

const char* page_style() { return kStyle; }

}  // namespace rexp::report
