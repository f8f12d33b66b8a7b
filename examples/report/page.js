// Draws each figure, and again when the system's colours change. A figure says in data-state how that went.
(function () {
  'use strict';
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const views = new Map();

  async function draw(figure) {
    const place = figure.querySelector('.chart');
    const spec = JSON.parse(figure.querySelector('script').textContent);
    try {
      views.get(figure)?.finalize();
      const drawn = await vegaEmbed(place, spec, {
        mode: 'vega-lite',
        renderer: figure.dataset.renderer,
        config: napierTheme(dark.matches),
        tooltip: { theme: dark.matches ? 'dark' : 'light' },
        actions: { export: true, source: false, compiled: false, editor: false },
        downloadFileName: figure.id,
        ast: true, // no code is made from text: the page's policy forbids it
      });
      views.set(figure, drawn);
      await drawn.view.resize().runAsync(); // once more: what stands in a legend's line depends on the width
      figure.view = drawn.view;
      figure.dataset.state = 'drawn';
    } catch (problem) {
      place.textContent = `This chart cannot be drawn: ${problem.message}`;
      figure.dataset.state = 'failed';
      console.error(`${figure.id}: ${problem.message}`);
    }
  }

  async function drawAll() {
    for (const figure of document.querySelectorAll('figure')) await draw(figure);
    document.body.dataset.state = 'drawn';
  }
  dark.addEventListener('change', drawAll);
  drawAll();
})();
