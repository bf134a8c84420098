import ts from 'typescript';
import type { Sources } from '../imports/sources.ts';

/** One place in the code where a KubeClient is asked for something. */
export interface KubeCall {
  file: string;
  line: number;
  /** The client's method. */
  method: KubeMethod;
  /** The path as the code makes it, with `*` for what is known only at run time; else the expression. */
  path: string;
}

const methods = [
  'get',
  'list',
  'listAt',
  'watch',
  'create',
  'patch',
  'apply',
  'delete',
  'text',
  'podProxy',
  'portForward',
] as const;

/** Methods that name a pod instead of a path. */
export const intoPods: ReadonlySet<string> = new Set(['podProxy', 'portForward']);

/** Functions that list and watch what their second argument names. */
const followers: ReadonlySet<string> = new Set(['followObjects', 'feedObjects']);

/** A method of KubeClient that sends a request; `follow` is one of the functions that list and watch. */
export type KubeMethod = (typeof methods)[number] | 'follow';

/** What a client is called wherever the code has one; a name of another kind would be a gap. */
export const clientNames: ReadonlySet<string> = new Set(['kube', 'client']);

function initialiserOf(
  source: ts.SourceFile,
  name: string,
  before: number,
): ts.Expression | undefined {
  let found: ts.Expression | undefined;
  const visit = (node: ts.Node): void => {
    if (
      ts.isVariableDeclaration(node) &&
      ts.isIdentifier(node.name) &&
      node.name.text === name &&
      node.pos < before
    )
      found = node.initializer;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The text of an expression as far as the file itself says it; `*` for `encodeURIComponent(…)`. */
function resolved(source: ts.SourceFile, expression: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(expression)) return expression.text;
  if (ts.isTemplateExpression(expression)) {
    const parts = expression.templateSpans.map(
      (span) => `${resolved(source, span.expression) ?? '*'}${span.literal.text}`,
    );
    return expression.head.text + parts.join('');
  }
  if (
    ts.isCallExpression(expression) &&
    expression.expression.getText(source) === 'encodeURIComponent'
  )
    return '*';
  if (!ts.isIdentifier(expression)) return undefined;
  const initialiser = initialiserOf(source, expression.text, expression.pos);
  return initialiser === undefined ? undefined : resolved(source, initialiser);
}

function receiverName(expression: ts.Expression): string {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return ts.isIdentifier(expression) ? expression.text : '';
}

/** The method that a call is of, with the argument that is the path. */
function requestOf(
  call: ts.CallExpression,
): { method: KubeMethod; path: ts.Expression } | undefined {
  const { expression: callee, arguments: given } = call;
  if (ts.isIdentifier(callee) && followers.has(callee.text))
    return given[1] === undefined ? undefined : { method: 'follow', path: given[1] };
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  const method = methods.find((one) => one === callee.name.text);
  if (method === undefined || !clientNames.has(receiverName(callee.expression))) return undefined;
  return given[0] === undefined ? undefined : { method, path: given[0] };
}

function callOf(source: ts.SourceFile, file: string, node: ts.Node): KubeCall | undefined {
  const request = ts.isCallExpression(node) ? requestOf(node) : undefined;
  if (request === undefined) return undefined;
  const path = resolved(source, request.path) ?? request.path.getText(source).replace(/\s+/g, ' ');
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  const { method } = request;
  return { file, line: line + 1, method, path: intoPods.has(method) ? '' : path };
}

/** Every request to a cluster that the packages `names` can make, as their sources have it. */
export function kubeCalls(sources: Sources, names: readonly string[]): readonly KubeCall[] {
  const calls: KubeCall[] = [];
  for (const [file, text] of sources) {
    if (!names.some((name) => file.startsWith(`packages/${name}/src/`))) continue;
    // A client of Prometheus is called so as well, and is none.
    if (!/KubeClient|followObjects|feedObjects|podProxy|portForward/.test(text)) continue;
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      const call = callOf(source, file, node);
      if (call !== undefined) calls.push(call);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return calls;
}
