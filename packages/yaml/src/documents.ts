import { InputError } from '@slipway/runtime';
import { CORE_SCHEMA, loadAll } from 'js-yaml';
import { expansionProblem } from './expansion.ts';
import { helmSchema } from './helm-schema.ts';
import { keyTextLimit, LongKeyError, type NodeListener } from './key-text.ts';
import { placeRecorder, type PlaceOf } from './places.ts';
import { yamlError } from './yaml-error.ts';

/**
 * `helm`: as Helm, kubectl and the API server read (sigs.k8s.io/yaml): YAML 1.1, of two equal keys the
 * last, of several documents the first. `strict`: YAML 1.2, no key twice, one document; for files whose
 * form is Slipway's own.
 */
export type YamlRules = 'helm' | 'strict';

/** What is read and how. */
export interface YamlOptions {
  /** What the text is, for messages: `charts/api/Chart.yaml`. */
  name: string;
  /** What the user can do when it is no YAML. */
  next?: string;
  rules: YamlRules;
  /** The longest text taken, 16 MiB by default. */
  maxBytes?: number;
}

/** One document of several. */
export interface YamlDocument {
  /** Never null or undefined: those are no documents. */
  value: unknown;
  /** The document's own text, with its comments. */
  source: string;
}

const defaultMaxBytes = 16 * 1024 * 1024;
/** Custom resource definitions have some sixty levels. */
const maxDepth = 200;
/** go-yaml 2 looks at the share of aliases from 400,000 values on. */
const maxExpandedSize = 1_000_000;

/** A list of aliases may become a key, whose text holds all that they stand for. */
const maxKeyText = 64 * 1024 * 1024;
/** Handles are written out at each use; real ones have some twenty characters. */
const longDirective = /^%[^\n]{1024}/m;

// js-yaml's types do not know its limit of the depth (4.2).
const loadOptions = {
  helm: { schema: helmSchema, json: true, maxDepth },
  strict: { schema: CORE_SCHEMA, maxDepth },
};

function refused(what: string, { name, next }: Omit<YamlOptions, 'rules'>): InputError {
  return new InputError(`${name} ${what}.`, next === undefined ? {} : { next });
}

function checkSize(text: string, options: Omit<YamlOptions, 'rules'>): void {
  const { maxBytes = defaultMaxBytes } = options;
  if (Buffer.byteLength(text) > maxBytes)
    throw refused(`is larger than the ${maxBytes} bytes allowed`, options);
}

/** What js-yaml calls as it reads, if anything is to be called. */
function listening(text: string, listener: NodeListener | undefined): { listener?: NodeListener } {
  // Without an alias the text of a key is a part of the file.
  if (!text.includes('*')) return listener === undefined ? {} : { listener };
  const limit = keyTextLimit(maxKeyText);
  if (listener === undefined) return { listener: limit };
  return {
    listener: (event, state) => {
      limit(event, state);
      listener(event, state);
    },
  };
}

function parse(
  text: string,
  options: YamlOptions,
  { firstLine, listener }: { firstLine: number; listener?: NodeListener },
): readonly unknown[] {
  if (longDirective.test(text)) throw refused('has a directive of over 1,024 characters', options);
  let documents: readonly unknown[];
  try {
    documents = loadAll(text, null, {
      ...loadOptions[options.rules],
      ...listening(text, listener),
    }).filter((document) => document !== null && document !== undefined);
  } catch (thrown) {
    if (thrown instanceof LongKeyError)
      throw refused('cannot be used: with its aliases (*) written out it is too large', options);
    throw yamlError(thrown, { ...options, firstLine });
  }
  const problem = text.includes('*')
    ? expansionProblem(documents, { maxSize: maxExpandedSize, maxDepth })
    : undefined;
  if (problem !== undefined)
    throw refused(`cannot be used: with its aliases (*) written out ${problem}`, options);
  return documents;
}

/**
 * The document of a YAML text, undefined when it has none (it is empty, null or only comments). Throws
 * an InputError with line, column and reason, which never quotes the text.
 */
export function readYaml(text: string, options: YamlOptions): unknown {
  return readOne(text, options);
}

/** As `readYaml`, and where each key and value of the document stands in the text. */
export function readPlacedYaml(
  text: string,
  options: YamlOptions,
): { value: unknown; placeOf: PlaceOf } {
  const { listener, placeOf } = placeRecorder();
  return { value: readOne(text, options, listener), placeOf };
}

function readOne(text: string, options: YamlOptions, listener?: NodeListener): unknown {
  checkSize(text, options);
  const documents = parse(text, options, {
    firstLine: 1,
    ...(listener === undefined ? {} : { listener }),
  });
  if (options.rules === 'strict' && documents.length > 1)
    throw refused(`has ${documents.length} YAML documents where one is needed`, options);
  return documents[0];
}

/**
 * Every document of a text that Helm or Kubernetes takes apart at lines that begin with `---`
 * (apimachinery: util/yaml, YAMLReader; Helm: SplitManifests). Empty and comment-only ones are left
 * out. Throws as `readYaml`, with lines counted from the beginning of the whole text.
 */
export function readYamlDocuments(
  text: string,
  options: Omit<YamlOptions, 'rules'>,
): readonly YamlDocument[] {
  checkSize(text, options);
  let firstLine = 1;
  return text
    .replace(/^\ufeff/, '')
    .split(/(?<![^\n])---/)
    .flatMap((source): YamlDocument[] => {
      const [value] = parse(source, { ...options, rules: 'helm' }, { firstLine });
      firstLine += source.split('\n').length - 1;
      return value === undefined ? [] : [{ value, source }];
    });
}
