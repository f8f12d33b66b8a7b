// render.mjs SPEC.json OUT.svg: a Vega-Lite specification as an SVG picture; render.mjs REPORT.html CHART OUT.svg: a chart
// of a report, by its name. The width of what would fill a page is 720 pixels. Needs build/report/vega.js: ./run report.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const here = dirname(fileURLToPath(import.meta.url));
const script = process.env.NAPIER_REPORT_SCRIPT || join(here, '../../build/report/vega.js');

function fail(why) {
  console.error(`render: ${why}`);
  process.exit(2);
}

// The chart of that name in a page of page.cpp.
function chartOf(page, name) {
  const figure = page.match(new RegExp(`<figure id="${name}"[^]*?<script type="application/json">([^]*?)</script>`));
  if (!figure) {
    const names = [...page.matchAll(/<figure id="([^"]+)"/g)].map((each) => each[1]);
    fail(`there is no chart '${name}'; there are ${names.join(', ')}`);
  }
  return figure[1];
}

const [from, ...rest] = process.argv.slice(2);
const to = rest.pop();
if (!to || rest.length > 1) fail('usage: render.mjs SPEC.json OUT.svg, or render.mjs REPORT.html CHART OUT.svg');
try {
  const text = readFileSync(from, 'utf8');
  const spec = JSON.parse(rest.length ? chartOf(text, rest[0]) : text);
  if (spec.width === 'container') spec.width = 720;
  spec.autosize ??= { type: 'fit-x', contains: 'padding' };

  for (const path of [script, join(here, 'theme.js')]) vm.runInThisContext(readFileSync(path, 'utf8'));
  const complain = (...words) => fail(words.join(' '));
  const logger = { level: () => logger, info: () => logger, debug: () => logger, warn: complain, error: complain };
  const config = { ...napierTheme(false), background: '#ffffff' };
  const compiled = vegaLite.compile({ ...spec, config }, { logger }).spec;
  // without a screen there is nothing to measure text with: of common fonts, from the wide side
  vega.textMetrics.width = (item, text) => [...String(text ?? '')]
    .reduce((sum, letter) => sum + (/[-.,:;'|/ ()[\]fijlrtI1]/.test(letter) ? 0.42 : 0.63), 0) * (item.fontSize ?? 11);
  const view = await new vega.View(vega.parse(compiled), { renderer: 'none' }).runAsync();
  await view.resize().runAsync(); // once more: what stands in a legend's line depends on the width
  const svg = await view.toSVG();
  writeFileSync(to, `${svg}\n`);
} catch (problem) {
  fail(problem.message);
}
