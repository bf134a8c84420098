import * as echarts from 'echarts';

/** Bars side by side: for each category one of every series. */
export interface BarChart {
  title: string;
  unit: string;
  categories: readonly string[];
  series: readonly {
    name: string;
    /** Ours stand out by colour; the others are what we are measured against. */
    ours: boolean;
    values: readonly (number | undefined)[];
  }[];
}

const ourColours = ['#0b5cad', '#5aa2e0'];
const peerColours = ['#8c959f', '#c3cad1', '#57606a', '#d4a72c'];
const font = 'Helvetica, Arial, Liberation Sans, sans-serif';
/** A wide guess: which font a reader has is not known here, so nothing may be placed by its width. */
const characterWidth = 7.4;
const width = 820;
const barHeight = 15;
const legend = { left: 12, icon: 16, gap: 34, rowHeight: 20, characterWidth: 6 };

/**
 * The names by rows of the legend. Each row becomes a legend of its own: ECharts would break one in two by
 * itself, but move no bars out of its way.
 */
function legendRows(series: BarChart['series']): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let left = 0;
  for (const { name } of series) {
    const wide = legend.icon + 5 + name.length * legend.characterWidth;
    if (wide > left) {
      rows.push([]);
      left = width - 2 * legend.left;
    }
    rows.at(-1)?.push(name);
    left -= wide + legend.gap;
  }
  return rows;
}

/** `0.4`, `12`, `640`: two digits that count are enough for the eye, the table has the rest. */
function shown(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(2)));
}

function colours(series: BarChart['series']): readonly string[] {
  const left = { ours: [...ourColours], peers: [...peerColours] };
  return series.map(({ ours }) => (ours ? left.ours : left.peers).shift() ?? '#1f2328');
}

/**
 * Without the classes and the style that answer a pointer: they are counted through the whole process,
 * so that the bytes would depend on what was drawn before.
 */
function still(svg: string): string {
  return svg
    .replaceAll(/<style[\s\S]*?<\/style>\n?/g, '')
    .replaceAll(/ (?:class|ecmeta_\w+)="[^"]*"/g, '');
}

/** The chart as SVG, the same bytes wherever it is drawn: ECharts measures text by its own table there. */
export function barChart({ title, unit, categories, series }: BarChart): string {
  // Where every category has one bar, the bars of other series leave no gap.
  const single = categories.every(
    (_, index) => series.filter(({ values }) => values[index] !== undefined).length <= 1,
  );
  const groupHeight = (single ? 1 : series.length) * barHeight + (single ? 8 : 18);
  const rows = legendRows(series);
  const below = (rows.length - 1) * legend.rowHeight;
  const height = 104 + below + categories.length * groupHeight;
  const left = 20 + Math.max(...categories.map(({ length }) => length)) * characterWidth;
  const palette = colours(series);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#ffffff',
      textStyle: { fontFamily: font },
      title: {
        text: `${title} (${unit})`,
        left: 12,
        top: 10,
        textStyle: { fontSize: 15, color: '#1f2328' },
      },
      legend: rows.map((data, row) => ({
        data: [...data],
        top: 38 + row * legend.rowHeight,
        left: legend.left,
        itemHeight: 10,
        itemWidth: legend.icon,
        itemGap: legend.gap,
        selectedMode: false,
        textStyle: { color: '#1f2328' },
      })),
      grid: { left, right: 60, top: 70 + below, bottom: 26 },
      xAxis: {
        type: 'value',
        axisLabel: { color: '#57606a' },
        splitLine: { lineStyle: { color: '#e6e9ec' } },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: [...categories],
        axisTick: { show: false },
        axisLine: { lineStyle: { color: '#8c959f' } },
        axisLabel: { color: '#1f2328' },
      },
      series: series.map(({ name, values }, index) => ({
        type: 'bar' as const,
        name,
        silent: true,
        emphasis: { disabled: true },
        barWidth: barHeight - 3,
        ...(single ? { barGap: '-100%' } : {}),
        itemStyle: { color: palette[index] ?? '#57606a' },
        data: values.map((value) => value ?? null),
        label: {
          show: true,
          position: 'right' as const,
          color: '#1f2328',
          fontSize: 11,
          formatter: ({ value }: { value?: unknown }) =>
            typeof value === 'number' ? shown(value) : '',
        },
      })),
    });
    return `${still(chart.renderToSVGString())}\n`;
  } finally {
    chart.dispose();
  }
}
