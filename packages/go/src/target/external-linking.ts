import type { GoPort } from './supported-target.ts';

/**
 * Whose tools must link a port's programs, since Go's own linker cannot (go/src/internal/platform:
 * MustLinkExternal without cgo; ios/amd64 for its programs are position-independent); undefined where it can.
 */
export function externalLinker({
  goos,
  goarch,
}: Pick<GoPort, 'goos' | 'goarch'>): string | undefined {
  if (goos === 'android' && goarch !== 'arm64') return "Android's NDK";
  if (goos === 'ios') return 'Xcode on a Mac';
  return undefined;
}
