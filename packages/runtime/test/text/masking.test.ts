import { describe, expect, test } from '@jest/globals';
import { createMasker, secretForms } from '../../src/index.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function masker() {
  const announced: string[] = [];
  return { announced, ...createMasker((form) => announced.push(form)) };
}

describe('a masked secret', () => {
  const secret = 'S3cr&t/"tok en"+ü';

  test.each([
    ['itself', secret],
    ['in base64', base64(secret)],
    ['in base64 with a line end', base64(`${secret}\n`)],
    ['in base64 for URLs', Buffer.from(secret).toString('base64url')],
    ['in a URL', encodeURIComponent(secret)],
    ['in a form', new URLSearchParams({ q: secret }).toString().slice(2)],
    ['in JSON', JSON.stringify({ a: secret })],
    ['in JSON inside Go or PHP', JSON.stringify(secret).replaceAll('/', '\\/')],
  ])('is not seen %s', (_where, shown) => {
    const { mask, redact } = masker();
    mask(secret);
    expect(redact(`before ${shown} after`)).toMatch(/^before .*\*\*\*.* after$/);
    expect(redact(shown)).not.toContain('3cr');
  });

  test.each(['', 'u', 'us', 'user', 'users'])(
    'is not seen in the base64 form of a pair with the name %j',
    (name) => {
      const token = 'ghs_0123456789abcdefABCDEF';
      const { mask, redact } = masker();
      mask(token);
      const shown = redact(base64(`${name}:${token}:tail`));
      expect(shown).toContain('***');
      expect(shown.replace('***', '').length).toBeLessThan(24);
    },
  );

  test('of several lines is not seen line by line, nor as wrapped base64', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'A1b2'.repeat(16)}\n${'C3d4'.repeat(5)}\n-----END PRIVATE KEY-----\n`;
    const { mask, redact } = masker();
    mask(key);
    expect(redact(key)).toBe('***');
    for (const line of [...key.split('\n').slice(1, 3), ...(base64(key).match(/.{1,76}/g) ?? [])])
      expect(redact(`> ${line}`)).toBe('> ***');
  });

  test('with CRLF or blanks around its lines is found in each line', () => {
    const { mask, redact } = masker();
    mask('  first-secret  \r\n  second-secret\r\n');
    expect(redact('first-secret second-secret')).toBe('*** ***');
  });

  test('is announced in single lines only, since the runner would mask each line of it, "}" too', () => {
    const { mask, announced, redact } = masker();
    mask('{\n  "private_key": "abcdefgh"\n}');
    expect(announced.filter((form) => /[\r\n]/.test(form))).toEqual([]);
    expect(announced).toContain('"private_key": "abcdefgh"');
    expect(redact('{ } [ ]')).toBe('{ } [ ]');
  });

  test('does not blank out what frames it', () => {
    const { mask, redact } = masker();
    mask('apiVersion: v1\nkind: Config\nusers:\n- name: ops-user\n  user:\n    token: abcdefgh\n');
    expect(redact('kind: Config, users: - name: ops-user token: abcdefgh')).toBe(
      'kind: Config, users: *** ***',
    );
  });

  test('is announced once', () => {
    const { mask, announced } = masker();
    mask('hunter2hunter2');
    const count = announced.length;
    mask('hunter2hunter2');
    expect(announced).toHaveLength(count);
  });

  test('that looks like a replacement pattern is replaced all the same', () => {
    const { mask, redact } = masker();
    mask("$&$'$`");
    expect(redact("a $&$'$` b")).toBe('a *** b');
  });

  test('a longer secret that holds a shorter one leaves nothing of itself', () => {
    const { mask, redact } = masker();
    mask('abcd');
    mask('abcd-efgh');
    expect(redact('abcd-efgh')).toBe('***');
  });
});

describe('a whole file in a Secret', () => {
  const lines = Array.from(
    { length: 6_000 },
    (_, index) => `feature.${index}.enabled: true # k${index}`,
  );
  const file = ['enabled: true', ...lines, `password: ${'x9'.repeat(30)}`, 'LOG_LEVEL=debug'].join(
    '\n',
  );

  test('is masked in a bounded number of forms, its longest lines among them', () => {
    const { mask, announced, redact } = masker();
    mask(file);
    expect(announced.length).toBeLessThan(800);
    expect(announced.join('').length).toBeLessThan(2 * file.length);
    expect(redact(`> password: ${'x9'.repeat(30)}`)).toBe('> ***');
    expect(redact(base64(file))).toBe('***');
    expect(redact(file)).toBe('***');
  });

  test('leaves the ordinary words of its lines in the log', () => {
    const { mask, redact } = masker();
    mask('deployed\nenabled: true\nLOG_LEVEL=debug\ns3cr3t-of-mine');
    const log = 'revision 2 is deployed, enabled: true, LOG_LEVEL=debug';
    expect(redact(`${log}, s3cr3t-of-mine`)).toBe(`${log}, ***`);
  });

  test('is one of many: when there are thousands of forms, only whole secrets are added', () => {
    const { mask, announced, redact } = masker();
    for (let index = 0; index < 3_000; index += 1) mask(`value-number-${index}-of-many`);
    expect(announced.length).toBeLessThan(12_000);
    expect(redact('> value-number-2999-of-many')).toBe('> ***');
  });
});

test.each(['', ' ', 'a', 'abc', '\n\n'])('%j is too short to be masked', (value) => {
  expect(secretForms(value)).toEqual([]);
});

test('a lone surrogate in a secret is no error', () => {
  expect(secretForms('abc\ud800def').length).toBeGreaterThan(0);
});

test('what programs read keeps public names that a secret is a part of, and nothing else of it', () => {
  const { mask, redactBut } = createMasker(() => undefined);
  mask('shop');
  mask('shop-s3cr3t');
  const image = 'ghcr.io/acme/shop@sha256:12';
  expect(redactBut(`${image} shop-s3cr3t ${btoa('shop')}`, ['ghcr.io/acme/shop'])).toBe(
    `${image} *** ***`,
  );
  expect(redactBut(image, ['orders'])).toBe('ghcr.io/acme/***@sha256:12');
});
