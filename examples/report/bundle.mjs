// bundle.mjs FOLDER: FOLDER/vega.js from the packages in FOLDER/node_modules: Vega, Vega-Lite and Vega-Embed in one script
// for the page, below the licences of all that is in it.

import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const modules = join(folder, 'node_modules');
const bundled = ['vega', 'vega-lite', 'vega-embed'];
const commandLine = new Set(['yargs', 'commander', 'iconv-lite', 'rw']); // of the packages' own tools: not in the builds

// Where node finds what a package needs.
function locate(name, from) {
  for (let at = from; at.startsWith(modules); at = join(at, '..')) {
    const found = join(at, 'node_modules', name);
    if (existsSync(found)) return found;
  }
  return join(modules, name);
}

const owners = new Map(); // licence text -> packages
const seen = new Set();
function collect(name, from) {
  const path = locate(name, from);
  if (commandLine.has(name) || seen.has(path)) return;
  seen.add(path);
  const about = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(path, file), 'utf8').trim() : `licence: ${about.license}`;
  owners.set(text, [...(owners.get(text) ?? []), `${about.name} ${about.version}`]);
  for (const needed of Object.keys(about.dependencies ?? {})) collect(needed, path);
}
for (const name of bundled) collect(name, modules);

const licences = [...owners].map(([text, names]) => `${names.join(', ')}\n\n${text}`).join('\n\n----\n\n');
const scripts = bundled.map((name) => readFileSync(join(modules, name, 'build', `${name}.min.js`), 'utf8'));
const script = [`/*\n${licences.replaceAll('*/', '* /')}\n*/`, ...scripts].join('\n').replaceAll(/^\/\/# sourceMappingURL=.*$/gm, '');

const target = join(folder, 'vega.js');
writeFileSync(`${target}.partial`, script);
renameSync(`${target}.partial`, target);
