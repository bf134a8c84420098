/** The look of the report, light or dark as the reader's system is. */
export const reportStyle = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --ink: #1b2430; --soft: #5d6b7c; --line: #dde3ea;
  --good: #1a7f4b; --good-ground: #e3f4ea; --bad: #b3261e; --bad-ground: #fbe6e4; --accent: #0b5fa5;
  --side: #8a97a6; --plan: #6f5bd6; --test: #1f8fb3; --build: #e08a1e; --deploy: #2b8a57; --other: #9aa7b5; }
@media (prefers-color-scheme: dark) { :root { --ground: #10161e; --card: #18212c; --ink: #e4eaf1; --soft: #94a3b4; --line: #2b3846;
  --good: #5ed39a; --good-ground: #16352a; --bad: #ff8a80; --bad-ground: #43211f; --accent: #6cb6ff;
  --side: #6b7a8b; --plan: #9a8bf0; --test: #4cb8d8; --build: #f0a848; --deploy: #4dbb84; --other: #6b7a8b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 60px; }
header { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: baseline; margin-bottom: 20px; }
h1 { font-size: 26px; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 18px; margin: 0 0 4px; }
h3 { font-size: 15px; margin: 0; }
h4 { font-size: 14px; margin: 14px 0 6px; }
p { margin: 4px 0; }
.soft { color: var(--soft); }
.badge { display: inline-block; padding: 2px 10px; border-radius: 999px; font-size: 13px; font-weight: 600; white-space: nowrap; }
.badge.good { color: var(--good); background: var(--good-ground); }
.badge.bad { color: var(--bad); background: var(--bad-ground); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; margin: 0 0 16px; }
section > .head { display: flex; justify-content: space-between; gap: 16px; align-items: flex-start; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 6px 10px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-weight: 600; font-size: 13px; }
td.number, th.number { text-align: right; padding-right: 0; font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow-x: auto; }
.checks { list-style: none; padding: 0; margin: 12px 0 0; font-size: 14px; }
.checks li { display: grid; grid-template-columns: 20px minmax(180px, 3fr) 5fr; gap: 0 8px; padding: 5px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.checks .mark { font-weight: 700; color: var(--good); }
.checks .wrong .mark, .checks .wrong .seen { color: var(--bad); }
a { color: var(--accent); }
details { margin-top: 10px; }
summary { cursor: pointer; color: var(--accent); font-size: 14px; }
.job { border-top: 1px solid var(--line); padding: 8px 0 2px; margin-top: 8px; font-size: 14px; overflow-wrap: anywhere; }
.job tr:has(> :nth-child(3)) > :not(:last-child) { white-space: nowrap; }
.job td:first-child { color: var(--soft); width: 30%; }
pre { overflow-x: auto; background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: 10px; font: 12px/1.45 ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; }
code { font: 12.5px ui-monospace, Menlo, Consolas, monospace; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .stage { font-weight: 600; }
svg .label, svg .tick, svg .took { fill: var(--soft); font-size: 11px; }
svg .took { font-variant-numeric: tabular-nums; }
svg .grid { stroke: var(--line); }
.bar.side { fill: var(--side); } .bar.plan { fill: var(--plan); } .bar.test { fill: var(--test); }
.bar.build { fill: var(--build); } .bar.deploy { fill: var(--deploy); } .bar.other { fill: var(--other); }
.bar.failed { fill: var(--bad); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 6px 0 10px; font-size: 13px; color: var(--soft); }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
`;
