import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fakeLog } from '@slipway/testing';
import type { AnnotationPlace, Log } from '@slipway/runtime';
import { annotate, BuildFailure, parseDiagnostics } from '../../src/index.ts';

const output = `# example.com/shop/services/api
services/api/main.go:12:5: undefined: foo
services/api/main.go:14:2: cannot use x (variable of type int)
	as string value in assignment
../elsewhere/gen.go:3: syntax error: unexpected }
services/api/main.go:12:5: undefined: foo
too many errors`;

function placesOf(log: Log & { places: AnnotationPlace[] }): AnnotationPlace[] {
  return log.places;
}

function placeLog(): Log & { places: AnnotationPlace[]; messages: string[] } {
  const places: AnnotationPlace[] = [];
  const messages: string[] = [];
  return {
    ...fakeLog(),
    places,
    messages,
    error: (message, place) => {
      messages.push(message);
      places.push(place ?? {});
    },
  };
}

describe('the output of a failed build', () => {
  test('gives each place once, continued lines included', () => {
    expect(parseDiagnostics(output, '/ws/shop')).toEqual([
      { file: path.resolve('/ws/shop/services/api/main.go'), line: 12, message: 'undefined: foo' },
      {
        file: path.resolve('/ws/shop/services/api/main.go'),
        line: 14,
        message: 'cannot use x (variable of type int)\nas string value in assignment',
      },
      {
        file: path.resolve('/ws/elsewhere/gen.go'),
        line: 3,
        message: 'syntax error: unexpected }',
      },
    ]);
  });

  test('becomes annotations with paths of the workspace, and without a path outside of it', () => {
    const log = placeLog();
    annotate(log, parseDiagnostics(output, '/ws/shop'), '/ws/shop');
    expect(placesOf(log)).toEqual([
      { title: 'Build failed', file: 'services/api/main.go', startLine: 12 },
      { title: 'Build failed', file: 'services/api/main.go', startLine: 14 },
      { title: 'Build failed' },
    ]);
  });

  test('with hundreds of places gives ten annotations', () => {
    const many = Array.from({ length: 300 }, (_, line) => `a.go:${line + 1}:1: bad`).join('\n');
    const log = placeLog();
    annotate(log, parseDiagnostics(many, '/ws'), '/ws');
    expect(log.messages).toHaveLength(10);
  });

  test.each([
    '::error file=x.go::owned',
    '/etc/passwd:1: not a source file',
    `${'x'.repeat(100_000)}.go`,
    'C:\\x.go:notaline: y',
  ])('of another form has no place: %#', (line) => {
    expect(parseDiagnostics(line, '/ws')).toEqual([]);
  });

  test('is quoted in the error, twelve lines of it', () => {
    const error = new BuildFailure('go build failed', 'line\n'.repeat(50), '/ws');
    expect(error.message.split('\n')).toHaveLength(13);
    expect(error.output).toHaveLength(250);
  });
});
