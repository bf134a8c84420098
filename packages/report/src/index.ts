export { renderSeriesChart } from './series-chart.ts';
export type { SeriesChart } from './series-scale.ts';
export { renderSeriesSvg } from './series-svg.ts';
export { renderStepSummary, type StepSummary } from './step-summary.ts';
