export { findFiles, type FoundFile } from './files.ts';
export { globMatcher } from './glob-matcher.ts';
export { goPatternMatcher } from './go-pattern.ts';
