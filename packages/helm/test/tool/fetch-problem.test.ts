import { describe, expect, test } from '@jest/globals';
import { ExecError } from '@slipway/exec';
import { fetchProblem } from '../../src/chart/fetch-problem.ts';

function nextOf(stderr: string): string | undefined {
  const error = new ExecError('helm failed', { file: 'helm', exitCode: 1, stderr });
  return fetchProblem('c', error).next;
}

// As Helm 3.18.0 and 4.2.3 say it; a tag such as `latest` is no version to either (helm/helm#10670).
describe('of a version that is not there', () => {
  test.each([
    'Error: improper constraint: latest',
    'Error: chart "c" matching latest not found in shop index. (try \'helm repo update\'): improper constraint: "latest"',
    'Error: chart "c" matching ^9 not found in shop index. (try \'helm repo update\'): no chart version found for c-^9',
    'Error: could not locate a version matching provided version string ^9',
    'Error: failed to resolve ghcr.io/acme/c:9.9.9: ghcr.io/acme/c:9.9.9: not found',
    'Error: failed to perform "FetchReference" on source: ghcr.io/acme/c:9.9.9: not found',
  ])('it is said to look at those that are: %s', (stderr) => {
    expect(nextOf(stderr)).toMatch(/^There is no such version/);
  });

  test('nothing is said where the repository itself is not there', () => {
    const stderr =
      'Error: looks like "https://charts.acme.example" is not a valid chart repository or cannot be reached: failed to fetch https://charts.acme.example/index.yaml : 404 Not Found';
    expect(nextOf(stderr)).toMatch(/^Look whether the address is right/);
  });
});
