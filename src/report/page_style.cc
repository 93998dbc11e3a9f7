#include "report/page_style.h"

namespace lastcall::report::page {

const std::string_view kStyle = R"css(
  :root {
    color-scheme: light dark;
    --paper: #f5f5f2; --surface: #ffffff; --sunken: #f1f1ed; --line: #e0dfd9; --hair: #ecebe6;
    --ink: #1a1e23; --soft: #59626d;
    --good: #0d7a66; --good-bar: #2a9d86; --good-wash: #e4f3ef;
    --bad: #b3261e; --bad-wash: #fbeae8;
    --warn: #855600; --warn-wash: #faf0db; --warn-line: #a97300;
    --flight: #dfe6f4; --flight-line: #7f96c4; --plain-bar: #8794ab;
    --accent: #2f5fb3;
    --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
    --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
  }
  @media screen and (prefers-color-scheme: dark) {
    :root {
      --paper: #0f1216; --surface: #171b21; --sunken: #1e242b; --line: #2b323b; --hair: #242a32;
      --ink: #e8ebef; --soft: #a2acb8;
      --good: #4fc9b0; --good-bar: #37a890; --good-wash: #14302c;
      --bad: #ff8a80; --bad-wash: #3a1d1c;
      --warn: #e6b450; --warn-wash: #33280f; --warn-line: #c9983a;
      --flight: #222d44; --flight-line: #7189bd; --plain-bar: #7484a0;
      --accent: #8fb4f5;
    }
  }
  * { box-sizing: border-box; }
  html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 var(--sans); font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .shapes { position: absolute; }
  h1, h2, h3, h4, p, ul, ol, dl, dd, pre, figure { margin: 0; padding: 0; }
  ul, ol { list-style: none; }
  a { color: var(--accent); }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }

  .masthead { max-width: 1320px; margin: 0 auto; padding: 18px 24px 0; display: flex; align-items: center; gap: 9px; color: var(--soft); font-size: 13px; font-weight: 600; letter-spacing: .01em; }
  .emblem { width: 20px; height: 20px; fill: none; stroke: var(--good-bar); stroke-width: 2.4; stroke-linejoin: round; stroke-linecap: round; }
  .emblem .stem { stroke: var(--ink); stroke-width: 1.8; }
  main { max-width: 1320px; margin: 0 auto; padding: 14px 24px 48px; display: grid; gap: 18px; }
  main > *, .pair > * { min-width: 0; }
  .card, .headline { background: var(--surface); border: 1px solid var(--line); border-radius: 14px; padding: 20px 22px; }
  h2 { font-size: 15px; font-weight: 650; margin-bottom: 12px; }

  .headline { padding: 24px 26px; border-left: 5px solid var(--tone); }
  .failed { --tone: var(--bad); --wash: var(--bad-wash); }
  .passed { --tone: var(--good); --wash: var(--good-wash); }
  .inconclusive { --tone: var(--warn); --wash: var(--warn-wash); }
  .skipped { --tone: var(--soft); --wash: var(--sunken); }
  .icon { width: 1.15em; height: 1.15em; flex: none; vertical-align: -.2em; }
  .icon circle { fill: var(--tone); }
  .icon path { fill: none; stroke: var(--surface); stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
  .badge { display: inline-flex; align-items: center; vertical-align: top; gap: .4em; color: var(--tone); font-weight: 650; white-space: nowrap; }
  .kicker { color: var(--soft); font-size: 13px; font-weight: 600; margin-bottom: 2px; }
  .status { font-size: 15px; }
  .headline h1, .headline h2 { font-size: 28px; line-height: 1.2; font-weight: 680; letter-spacing: -.015em; margin: 4px 0 14px; text-wrap: balance; }
  .headline h2 { font-size: 22px; }
  .command { background: var(--sunken); border-radius: 8px; padding: 9px 13px; font: 13px/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
  .suffered { margin-top: 14px; }
  .suffered p { color: var(--soft); font-size: 13px; }
  .suffered li { padding-left: 16px; position: relative; }
  .suffered li::before { content: ""; position: absolute; left: 2px; top: .68em; width: 6px; height: 2px; background: var(--tone); }
  .facts { display: flex; flex-wrap: wrap; gap: 12px 34px; margin-top: 18px; }
  .facts dt { color: var(--soft); font-size: 12.5px; }
  .facts dd { font-weight: 620; font-size: 16px; overflow-wrap: anywhere; }
  .conditions .facts { margin-top: 0; }
  .conditions .facts dd { font-size: 14px; font-weight: 500; }

  .legend { display: flex; flex-wrap: wrap; gap: 0 18px; font-size: 12.5px; color: var(--soft); margin: -6px 0 8px; }
  .legend li { display: flex; align-items: center; gap: 6px; }
  .chart { position: relative; }
  .row { display: grid; grid-template-columns: 118px minmax(0, 1fr) 132px; column-gap: 14px; align-items: center; }
  .row > svg { grid-column: 2; display: block; overflow: visible; }
  .flags > svg { overflow: hidden; }
  .lane { border-top: 1px solid var(--hair); }
  .lane:last-child { border-bottom: 1px solid var(--hair); }
  .lane .name { font-size: 13px; font-weight: 600; line-height: 1.25; overflow-wrap: anywhere; }
  .lane .result { font-size: 12.5px; line-height: 1.25; color: var(--soft); overflow-wrap: anywhere; }
  .lane.bad .result { color: var(--bad); font-weight: 600; }
  .flags text, .axis text { font: 12px var(--sans); fill: var(--soft); font-variant-numeric: tabular-nums; }
  .flag text { fill: var(--ink); paint-order: stroke; stroke: var(--surface); stroke-width: 4px; stroke-linejoin: round; }
  .flag line { stroke: var(--soft); stroke-width: 1; }
  .flag circle { fill: var(--soft); }
  .flag.signal line { stroke: var(--ink); stroke-width: 1.5; }
  .flag.signal circle { fill: var(--ink); }
  .flag.signal text { font-weight: 700; }
  .band path { vector-effect: non-scaling-stroke; }
  .grid, .instant, .signal, .base { fill: none; }
  .band .grid { stroke: var(--hair); }
  .band .instant { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 3; }
  .band .signal { stroke: var(--ink); stroke-width: 1.5; }
  .base { stroke: var(--line); }
  .flight { fill: var(--flight); stroke: var(--flight-line); stroke-width: 1; }
  path.good { fill: var(--good-bar); }
  path.refused { fill: var(--warn-wash); stroke: var(--warn-line); stroke-width: 1.3; vector-effect: non-scaling-stroke; }
  .loss line { stroke: var(--bad); stroke-width: 1.5; }
  path.span.plain { fill: var(--plain-bar); }
  path.span.bad { fill: var(--bad-wash); stroke: var(--bad); stroke-width: 1.2; }
  .cross { stroke: var(--bad); stroke-width: 2.2; stroke-linecap: round; fill: none; }
  .halo { stroke: var(--surface); stroke-width: 5; stroke-linecap: round; fill: none; }
  .readout { margin-top: 8px; min-height: 1.5em; font-size: 13px; color: var(--soft); }
  .cursor { position: absolute; top: 0; bottom: 20px; width: 1px; background: var(--accent); pointer-events: none; }

  .finding h3 { font-size: 15px; line-height: 1.35; font-weight: 640; }
  .finding h3 .icon { margin-right: 3px; }
  .id { font: 600 12.5px var(--mono); color: var(--soft); margin-right: 3px; }
  article.finding { border-top: 1px solid var(--line); padding: 16px 0; }
  article.finding:first-of-type { border-top: 0; padding-top: 2px; }
  .finding > * + h3 { margin-top: 6px; }
  .finding .summary { margin-top: 4px; }
  .suffer { margin-top: 10px; padding: 9px 12px; border-radius: 8px; background: var(--wash); }
  .finding h4 { font-size: 12.5px; font-weight: 650; color: var(--soft); margin: 12px 0 4px; }
  .evidence li { font-size: 13px; padding: 3px 0; overflow-wrap: anywhere; }
  .when { color: var(--soft); font-size: 12.5px; white-space: nowrap; margin-right: 4px; }
  .settle { font-size: 13.5px; color: var(--soft); margin-top: 4px; }
  .bound { color: var(--soft); font-size: 12.5px; margin-top: 6px; }
  details { border-radius: 8px; }
  summary { cursor: pointer; font-size: 13.5px; padding: 3px 0; color: var(--accent); font-weight: 550; }
  .fixes { display: flex; flex-wrap: wrap; gap: 6px; }
  .fixes h4 { flex-basis: 100%; margin-bottom: 0; }
  .fixes details { max-width: 100%; }
  .fixes details[open] { flex-basis: 100%; }
  .fixes summary { display: inline-block; list-style: none; border: 1px solid var(--line); border-radius: 99px; padding: 2px 11px; font-size: 13px; }
  .fixes summary::-webkit-details-marker { display: none; }
  .fixes summary:hover, .fixes [open] summary { background: var(--sunken); }
  .fixes .prose { background: var(--sunken); border-radius: 8px; padding: 10px 12px; margin: 6px 0 4px; }
  .promise { margin-top: 8px; }
  .promise summary { color: var(--soft); }
  .prose { font-size: 13.5px; margin: 2px 0 10px; overflow-wrap: anywhere; }
  .prose > * + * { margin-top: 6px; }
  .code { font: 12.5px/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
  .brief .finding { padding: 9px 0; border-top: 1px solid var(--hair); }
  .findings > .brief:first-of-type { margin-top: 4px; }
  .brief h3 { font-size: 14px; font-weight: 560; }
  .brief .summary { font-size: 13px; color: var(--soft); margin-top: 1px; padding-left: 25px; }
  .brief .bound { margin-top: 0; padding-left: 25px; }
  .brief .evidence { padding-left: 25px; }
  .findings > .skipped { margin-top: 8px; }
  .skipped > summary { color: var(--soft); }

  .scroll { overflow-x: auto; margin: 0 -4px; padding: 0 4px; }
  .scroll + .scroll { margin-top: 20px; }
  table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
  caption { text-align: left; font-size: 13px; color: var(--soft); padding-bottom: 4px; }
  th { font-weight: 550; text-align: left; }
  thead th { color: var(--soft); font-size: 12.5px; font-weight: 500; border-bottom: 1px solid var(--line); vertical-align: bottom; }
  th, td { padding: 6px 14px 6px 0; vertical-align: baseline; }
  th:last-child, td:last-child { padding-right: 0; }
  tbody tr + tr > * { border-top: 1px solid var(--hair); }
  .number { text-align: right; white-space: nowrap; }

  .compare h1 { font-size: 26px; letter-spacing: -.015em; line-height: 1.25; margin-top: 4px; }
  .of, .report .whose { display: none; }
  .compare .headline { display: flex; flex-direction: column; }
  .compare .headline .facts { margin-top: auto; padding-top: 18px; }
  .clauses th, .clauses td { min-width: 180px; vertical-align: top; }
  .clauses table { table-layout: fixed; }
  .clauses td .summary { display: block; font-size: 13px; color: var(--soft); }
  .clauses .scroll > table > caption { display: none; }
  .compare .row { grid-template-columns: fit-content(60%) minmax(0, 1fr); }
  .compare .row > svg { grid-column: 1 / -1; grid-row: 2; }
  .compare .lane { padding-top: 6px; }
  .compare .lane .result { text-align: right; }
  .pair { display: grid; gap: 18px; }

  @media (min-width: 760px) {
    .pair { grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); }
  }
  @media (min-width: 1060px) {
    .report { grid-template-columns: minmax(0, 1.55fr) minmax(0, 1fr); align-items: start; }
    .report > * { grid-column: 1 / -1; }
    .report > .timeline { grid-column: 1; position: sticky; top: min(18px, 100vh - var(--height) - 18px); }
    .report > .findings { grid-column: 2; }
    .report > .tables { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); column-gap: 48px; align-items: start; }
    .report > .tables > h2 { grid-column: 1 / -1; }
    .report > .tables > .scroll { margin-top: 0; }
  }
  @media (max-width: 640px) {
    .masthead { padding: 14px 16px 0; }
    main { padding: 12px 12px 32px; gap: 12px; }
    .card, .headline { padding: 16px; border-radius: 12px; }
    .headline h1 { font-size: 23px; }
    .row { grid-template-columns: fit-content(60%) minmax(0, 1fr); }
    .row > svg { grid-column: 1 / -1; grid-row: 2; }
    .lane { padding-top: 6px; }
    .lane .result { text-align: right; }
    .axis .minor { display: none; }
    .facts { display: grid; grid-template-columns: 1fr 1fr; gap: 10px 16px; }
    .conditions .facts { grid-template-columns: 1fr; }
    .clauses thead { display: none; }
    .clauses table, .clauses tbody, .clauses tr, .clauses th, .clauses td { display: block; padding: 0; border: 0; }
    .clauses tr { padding: 10px 0; border-top: 1px solid var(--hair); }
    .clauses td { margin-top: 6px; padding-left: 12px; }
    .of { display: block; font-size: 12.5px; color: var(--soft); }
  }
  @media print {
    body { background: none; font-size: 11px; }
    main { display: block; padding: 0; max-width: none; }
    .card, .headline { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 12px 0; break-inside: auto; }
    .lane, article.finding, .brief .finding, tr { break-inside: avoid; }
    .readout { display: none; }
    path, line, circle, .suffer { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  }
)css";

}  // namespace lastcall::report::page
