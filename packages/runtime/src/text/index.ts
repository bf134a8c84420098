export { count } from './count.ts';
export { formatDuration, goDuration, parseDuration } from './duration.ts';
export { escapeHtml, escapeSummary, plainText } from './escape.ts';
export { inert, inertLine } from './inert.ts';
export {
  createMasker,
  secretForms,
  shortestGuess,
  shortestSecret,
  type Masker,
} from './masking.ts';
export { editDistance, nearestName } from './nearest.ts';
export { isOrdinaryText } from './ordinary.ts';
export { quoted } from './quoted.ts';
export { formatSize, parseSize } from './size.ts';
export { replaceSpan, type Span } from './span.ts';
