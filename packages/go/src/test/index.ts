export { failurePlace, type PackageFolder, type SourcePlace } from './failure-place.ts';
export { essentialLines, headline } from './failure-text.ts';
export { goTest, goVet, type TestPorts, type TestQuestion, type TestRun } from './go-test.ts';
export { renderJunit } from './junit-report.ts';
export { packageFolders } from './package-folders.ts';
export { findRaceDetector, type RaceDetector } from './race-detector.ts';
export { flagProblem, partFlags, type TestFlags } from './test-flags.ts';
export { testRecorder, type TestRecorder } from './test-recorder.ts';
export {
  failuresOf,
  type PackageResult,
  type TestFailure,
  type TestReport,
  type TestResult,
} from './test-report.ts';
