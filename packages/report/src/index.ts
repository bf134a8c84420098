export { renderSeriesChart, type SeriesChart } from './series-chart.ts';
export { renderStepSummary, type StepSummary } from './step-summary.ts';
