import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

/**
 * Checks documents against the JSON schema of CycloneDX that the project publishes, which its own
 * library carries. Returns what is wrong, one line each.
 */
export function cycloneDxChecker(version: string): (document: unknown) => readonly string[] {
  const library = createRequire(import.meta.url).resolve(
    '@cyclonedx/cyclonedx-library/package.json',
  );
  const schema = (name: string): object =>
    JSON.parse(
      readFileSync(path.join(path.dirname(library), 'res', 'schema', name), 'utf8'),
    ) as object;
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  // Neither has an e-mail or an IRI in another script to check here.
  ajv.addFormat('idn-email', true).addFormat('iri-reference', true);
  for (const name of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json'])
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}`);
  const validate = ajv.compile(schema(`bom-${version}.SNAPSHOT.schema.json`));
  return (document) => {
    validate(document);
    return (validate.errors ?? []).map(
      ({ instancePath, message = '' }) => `${instancePath} ${message}`,
    );
  };
}
