export { backtest, type BacktestRequest, type PastVerdict } from './backtest.ts';
