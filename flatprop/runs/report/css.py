"""The look of the page: one style sheet, light and dark, without anything from elsewhere."""

CSS = """
:root {
  color-scheme: light dark;
  --paper: transparent; --page: #ffffff; --panel: #f6f8fa; --ink: #1f2328; --soft: #59636e;
  --line: #d8dee4; --on: #ffffff; --on-orange: #1f2328; --good: #1a7f4b; --bad: #c4314b;
  --series1: #0b66c3; --series2: #c9510c; --series3: #1a7f4b; --series4: #8250df;
  --series5: #c4314b; --series6: #0e7c86; --series7: #8a5a12; --series8: #bf3989;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --panel: #181d24; --ink: #e6edf3; --soft: #9aa5b1; --line: #2d343d;
    --on: #0f1318; --on-orange: #0f1318; --good: #3fb97f; --bad: #ff7b8a;
    --series1: #58a6ff; --series2: #f0883e; --series3: #3fb97f; --series4: #b392f0;
    --series5: #ff7b8a; --series6: #39c5cf; --series7: #d4a72c; --series8: #f778ba;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
footer { padding-top: 24px; padding-bottom: 40px; color: var(--soft); font-size: 13px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; }
h2 { font-size: 20px; margin: 44px 0 4px; padding-top: 20px; border-top: 1px solid var(--line); }
p { margin: 0 0 12px; max-width: 90ch; }
.kicker { color: var(--soft); font-size: 13px; letter-spacing: .04em; margin-bottom: 4px; }
.lede, .soft { color: var(--soft); }
.note { border-left: 3px solid var(--series2); padding: 6px 12px; background: var(--panel);
  margin: 16px 0; }
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
  margin: 20px 0 16px;
}
.tile { background: var(--panel); border-radius: 8px; padding: 12px 16px; }
.tile b { display: block; font-size: 24px; line-height: 1.25; font-weight: 600; }
.tile span { color: var(--soft); font-size: 13px; display: block; line-height: 1.35; }
.plots {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr));
  gap: 20px 28px; margin-top: 12px;
}
figure { margin: 0; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; }
figure svg * { stroke-linejoin: round; }
figure svg text { font-family: inherit !important; }
figcaption { font-weight: 600; margin-bottom: 4px; }
figcaption span { font-weight: 400; color: var(--soft); }
.scroll { overflow-x: auto; margin: 8px 0 16px; }
table { border-collapse: collapse; font-size: 14px; overflow-wrap: normal; }
th, td {
  text-align: left; padding: 5px 10px; border-bottom: 1px solid var(--line);
  vertical-align: baseline;
}
th { color: var(--soft); font-weight: 500; }
td:first-child, th:first-child { padding-left: 0; }
td:last-child, th:last-child { padding-right: 0; }
td.num, th.num { text-align: right; white-space: nowrap; }
table.pairs td { overflow-wrap: anywhere; }
table.pairs td:first-child { color: var(--soft); padding-right: 28px; white-space: nowrap; }
.name { white-space: nowrap; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr));
  gap: 0 40px; align-items: start; }
.beside { display: flex; flex-wrap: wrap; gap: 16px 56px; align-items: flex-start; }
.beside .scroll { max-height: 800px; overflow: auto; max-width: 100%; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); gap: 14px; }
.card { background: var(--panel); border-radius: 8px; padding: 10px; font-size: 13px;
  line-height: 1.4; }
.card img { display: block; width: 100%; aspect-ratio: 1; image-rendering: pixelated;
  border-radius: 4px; margin-bottom: 8px; }
.card div { display: flex; justify-content: space-between; gap: 8px; }
.card div span:first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.right { color: var(--good); }
.wrong { color: var(--bad); }
.top { font-weight: 700; }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 7px; }
details { margin: 8px 0; }
summary { cursor: pointer; color: var(--soft); }
details.run { border: 1px solid var(--line); border-radius: 8px; padding: 0 20px; margin: 14px 0; }
details.run > summary { padding: 14px 0; color: var(--ink); font-weight: 600; }
details.run > summary span { font-weight: 400; }
details.run h2 { font-size: 17px; margin-top: 24px; }
@media print { details { break-inside: avoid; } }
@media (max-width: 520px) { main, header, footer { padding-left: 14px; padding-right: 14px; } }
"""
CSS += "\n".join(f".key{i} {{ background: var(--series{i}); }}" for i in range(1, 9)) + "\n"
