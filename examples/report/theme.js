// How all charts look, on a page and as files: the `config` of Vega-Lite.
function napierTheme(dark) {
  const ink = dark ? '#e4e6ea' : '#1d2733';
  const faint = dark ? '#a4acb8' : '#5a6675';
  const line = dark ? '#3a424e' : '#dfe3e8';
  const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  return {
    background: 'transparent',
    font,
    padding: 4,
    view: { stroke: null },
    axis: {
      labelColor: ink, titleColor: faint, gridColor: line, domainColor: faint, tickColor: line,
      labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelPadding: 6, titlePadding: 8, labelSeparation: 6,
    },
    axisX: { labelOverlap: 'greedy' },
    axisY: { domain: false, ticks: false },
    legend: {
      labelColor: ink, titleColor: faint, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal',
      labelLimit: 290, symbolStrokeWidth: 2, layout: { top: { frame: 'bounds' } },
    },
    title: { color: ink, subtitleColor: faint, fontSize: 13, anchor: 'start' },
    text: { color: ink, fontSize: 12 },
    rule: { color: faint },
    point: { color: dark ? '#7aa5f7' : '#3a63c8' },
    bar: { color: dark ? '#7aa5f7' : '#3a63c8' },
    range: {
      category: dark
        ? ['#7aa5f7', '#f0b93a', '#ff8a75', '#6fd3bf', '#ff9ec6', '#c49bf8', '#62c46f', '#b8c4d2', '#d0a37f', '#9fd6ff']
        : ['#3a63c8', '#d08c00', '#dd4b39', '#1d9a87', '#d4589a', '#8b4fe0', '#3a8f45', '#5f6b79', '#8f5f3f', '#3d9bd9'],
      // blue: too small; red: too large; none: the page's own colour
      diverging: dark ? ['#8ab6ff', '#3b6fc4', '#1f2630', '#c0503f', '#ff9d8a'] : ['#1b4da3', '#7fa8e6', '#f4f5f7', '#ef9a86', '#b5281a'],
    },
  };
}
