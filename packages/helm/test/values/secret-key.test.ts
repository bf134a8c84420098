import { describe, expect, test } from '@jest/globals';
import { secretsInValues } from '../../src/values/secret-values.ts';

const value = 'orders-4f2a';

describe('in chart values', () => {
  test.each([
    ...['password', 'dbPassword', 'DB_PASSWORD', 'postgresql-password', 'pass', 'passphrase'],
    ...[
      'token',
      'authToken',
      'apiKey',
      'api_key',
      'API-KEY',
      'apikey',
      'privateKey',
      'clientSecret',
    ],
    ...['PGPASSWORD', 'MYSQL_PWD', 'encryptionKey', 'connectionString', 'REDISCLI_AUTH'],
    ...['secret', 'secretKey', 'secretAccessKey', 'credentials', 'dsn', 'databaseDSN', 'passwords'],
  ])('%s holds a secret', (key) => {
    expect(secretsInValues({ a: [{ [key]: value }] })).toEqual([value]);
    expect(secretsInValues({ [key]: { any: { thing: value } } })).toEqual([value]);
  });

  test.each([
    ...['existingSecret', 'existingSecretPasswordKey', 'secretName', 'secretRef', 'passwordKey'],
    ...['tokenSecretName', 'passwordFile', 'tokenPath', 'tokenTTL', 'secretStore', 'tlsSecret'],
    ...['imagePullSecrets', 'pullSecret', 'secretKeys', 'credentialsSecret', 'tokenUrl', 'PWD'],
  ])('%s names one, which is no secret', (key) => {
    expect(secretsInValues({ a: [{ [key]: value }] })).toEqual([]);
  });

  test('a reference inside a secret mapping stays a name', () => {
    const ref = { name: value, key: 'pw-of-orders' };
    const auth = { secrets: { existingSecret: value, value: 'hunter2-x' }, secretKeyRef: ref };
    expect(secretsInValues(auth)).toEqual(['hunter2-x']);
  });

  test.each(['production', 'enabled', 'postgres', 'require', 'log-level: debug'])(
    'the ordinary word %j is no secret wherever it stands',
    (word) => {
      expect(secretsInValues({ token: word })).toEqual([]);
    },
  );
});
