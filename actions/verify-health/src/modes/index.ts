export { lint } from './lint.ts';
export { tellPastReleases } from './past-releases.ts';
