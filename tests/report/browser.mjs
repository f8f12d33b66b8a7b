// browser.mjs PAGE FIGURES [FOLDER]: opens a report in headless Chromium, on a phone's and a desktop's width, light and
// dark, and says what is wrong with it: errors, requests, charts that are not drawn, text that is cut or overlaps, a page
// that scrolls sideways. FIGURES is how many charts it has. Screenshots go to FOLDER. Exit 1 where something is wrong.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [path, figures, folder] = process.argv.slice(2);
const widths = [400, 1200];
const patience = 60_000; // milliseconds until a page is drawn

// The DevTools protocol over a pair of pipes: JSON ended by NUL.
class Browser {
  constructor() {
    this.profile = mkdtempSync(join(tmpdir(), 'report-'));
    this.process = spawn('chromium', ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
      '--hide-scrollbars', '--remote-debugging-pipe', `--user-data-dir=${this.profile}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((done) => {
      this.process.on('exit', done);
      this.process.on('error', done);
    });
    this.ended.then((why) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`chromium has ended: ${why}`));
    });
    this.waiting = new Map();
    this.listeners = [];
    this.count = 0;
    let rest = '';
    this.process.stdio[3].on('error', () => {});
    this.process.stdio[4].setEncoding('utf8').on('data', (data) => {
      const messages = (rest + data).split('\0');
      rest = messages.pop();
      for (const text of messages) this.receive(JSON.parse(text));
    });
  }

  receive(message) {
    const waiting = this.waiting.get(message.id);
    if (waiting) {
      this.waiting.delete(message.id);
      if (message.error) waiting.reject(new Error(message.error.message));
      else waiting.resolve(message.result);
    } else {
      for (const listener of this.listeners) listener(message.method, message.params);
    }
  }

  send(method, params = {}) {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: this.session })}\0`);
    });
  }

  async open() {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    this.session = (await this.send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(`${domain}.enable`);
  }

  async value(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async until(expression) {
    for (const end = Date.now() + patience; Date.now() < end; await new Promise((wait) => setTimeout(wait, 50))) {
      if (await this.value(expression)) return true;
    }
    return false;
  }

  async close() {
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 5000);
    this.send('Browser.close').catch(() => {});
    await this.ended;
    clearTimeout(timer);
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

// Runs in the page: what is wrong with it, and how many marks each chart has.
function inspect(expected, width) {
  const wrong = [];
  const marks = {};
  const charts = [...document.querySelectorAll('figure')];
  if (charts.length !== expected) wrong.push(`${charts.length} charts, expected ${expected}`);
  if (document.documentElement.scrollWidth > width) {
    wrong.push(`the page is ${document.documentElement.scrollWidth} pixels wide`);
  }
  const count = (mark) => mark.items.reduce((sum, item) => sum + (mark.marktype === 'group'
    ? item.items.reduce((inner, each) => inner + count(each), 0)
    : Number(mark.role === 'mark')), 0);
  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > -2
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  for (const figure of charts) {
    const say = (what) => wrong.push(`${figure.id}: ${what}`);
    if (figure.dataset.state !== 'drawn') {
      say(`is ${figure.dataset.state}`);
      continue;
    }
    marks[figure.id] = count(figure.view.scenegraph().root);
    if (marks[figure.id] === 0) say('has no marks');
    const picture = figure.querySelector('.chart svg.marks, .chart canvas.marks');
    const box = picture?.getBoundingClientRect();
    if (!box || box.width < 150 || box.height < 40) {
      say('has no size');
      continue;
    }
    const place = figure.querySelector('.chart');
    if (place.scrollWidth > place.clientWidth + 1) say(`is ${place.scrollWidth} wide in ${place.clientWidth} pixels`);
    if (picture.tagName === 'CANVAS') {
      const colours = new Set(new Uint32Array(picture.getContext('2d').getImageData(0, 0, picture.width, picture.height).data.buffer));
      if (colours.size < 20) say(`has ${colours.size} colours`);
      continue;
    }
    const texts = [...picture.querySelectorAll('text')].filter((text) => text.textContent && text.getAttribute('opacity') !== '0')
      .map((text) => ({ text: text.textContent, size: Number.parseFloat(getComputedStyle(text).fontSize), box: text.getBoundingClientRect() }));
    for (const { text, size, box: own } of texts) {
      if (size < 11) say(`'${text}' is ${size} pixels small`);
      if (own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 1 || own.bottom > box.bottom + 1) say(`'${text}' is cut`);
    }
    texts.forEach((one, i) => texts.slice(i + 1).forEach((other) => {
      if (overlap(one.box, other.box)) say(`'${one.text}' and '${other.text}' overlap`);
    }));
  }
  return { wrong, marks };
}

const browser = new Browser();
let checks = 0;
let failures = 0;
let where = 'loading';
const fail = (what) => {
  failures += 1;
  console.log(`FAILED: ${where}: ${what}`);
};
browser.listeners.push((method, params) => {
  if (method === 'Runtime.exceptionThrown') fail(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
  if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(params.type)) {
    fail(`console: ${params.args.map((each) => each.value ?? each.description).join(' ')}`);
  }
  if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level)) fail(`log: ${params.entry.text}`);
  if (method === 'Network.requestWillBeSent' && !/^(file|data|blob):/.test(params.request.url)) fail(`it asks for ${params.request.url}`);
});

async function check(width, dark) {
  const name = `${width} ${dark ? 'dark' : 'light'}`;
  where = name;
  checks += 1;
  if (!await browser.until("document.body?.dataset.state === 'drawn'")) {
    fail('it is not drawn');
    return;
  }
  const { wrong, marks } = await browser.value(`(${inspect})(${Number(figures)}, ${width})`);
  wrong.forEach(fail);
  const lightness = await browser.value("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((sum, each) => sum + Number(each), 0) / 765");
  const ink = await browser.value("(() => { const label = document.querySelector('.chart svg text'); return label && label.getAttribute('fill'); })()");
  if ((lightness < 0.5) !== dark) fail(`its paper has lightness ${lightness}`);
  const inkLightness = ink ? Number.parseInt(ink.slice(1, 3), 16) / 255 : NaN;
  if (!(Math.abs(inkLightness - lightness) > 0.5)) fail(`ink ${ink} on paper of lightness ${lightness}`);
  if (folder) {
    const { cssContentSize: size } = await browser.send('Page.getLayoutMetrics');
    const { data } = await browser.send('Page.captureScreenshot', {
      captureBeyondViewport: true, clip: { x: 0, y: 0, width: size.width, height: size.height, scale: 1 },
    });
    writeFileSync(join(folder, `${name.replaceAll(/\W+/g, '_')}.png`), Buffer.from(data, 'base64'));
  }
  console.log(`${name}: ${Object.entries(marks).map(([id, count]) => `${id} ${count}`).join(', ')}`);
}

const scheme = (value) => browser.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
try {
  if (folder) mkdirSync(folder, { recursive: true });
  await browser.open();
  for (const width of widths) {
    where = `${width} light`;
    await scheme('light');
    await browser.send('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: width < 600 });
    await browser.send('Page.navigate', { url: pathToFileURL(resolve(path)).href });
    await check(width, false);
    await browser.value("document.body.dataset.state = 'waiting'; 0");
    await scheme('dark'); // without loading again
    await check(width, true);
  }
} catch (problem) {
  fail(problem.message);
}
await browser.close();
if (checks !== 2 * widths.length) fail(`only ${checks} checks`);
console.log(`${checks} checks, ${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
