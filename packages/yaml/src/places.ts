import type { NodeListener } from './key-text.ts';

/** Where something stands in a text, both counted from 1. */
export interface YamlPlace {
  line: number;
  column: number;
}

/** Keys and indexes, from the top of a document down. */
export type YamlPath = readonly (string | number)[];

/**
 * The place of what a path leads to. `key` asks for the key that the path ends with. What has no place
 * of its own (an empty value, a key that a merge brought) gets that of the nearest thing around it.
 */
export type PlaceOf = (path: YamlPath, part?: 'key' | 'value') => YamlPlace;

interface Node {
  start: number;
  result: unknown;
  /** Whether a colon follows: in a mapping the keys are told by it from the values. */
  isKey: boolean;
  children: Node[];
  /** Made when it is first asked for. */
  entries?: ReadonlyMap<string, Entry>;
}

interface Entry {
  key?: Node;
  value?: Node;
}

interface ReadingState {
  input: string;
  position: number;
  result?: unknown;
}

/** A listener of js-yaml that remembers where each node of one document begins. */
export function placeRecorder(): { listener: NodeListener; placeOf: PlaceOf } {
  const open: Node[] = [];
  const anchored = new WeakMap<object, Node>();
  let top: Node | undefined;
  let text = '';
  let starts: readonly number[] | undefined;
  const listener: NodeListener = (event, given) => {
    const state = given as ReadingState;
    text = state.input;
    if (event === 'open') {
      open.push({ start: state.position, result: undefined, isKey: false, children: [] });
      return;
    }
    const node = open.pop();
    if (node === undefined) return;
    node.result = state.result;
    node.isKey = colonFollows(text, state.position);
    if (typeof node.result === 'object' && node.result !== null && node.children.length > 0)
      if (!anchored.has(node.result)) anchored.set(node.result, node);
    const parent = open.at(-1);
    if (parent === undefined) top ??= node;
    else adopt(parent, node);
  };
  const originOf = (node: Node): Node =>
    (typeof node.result === 'object' && node.result !== null
      ? anchored.get(node.result)
      : undefined) ?? node;
  const placeOf: PlaceOf = (path, part = 'value') => {
    let at = top;
    for (const [index, segment] of path.entries()) {
      if (at === undefined) break;
      const node = originOf(at);
      node.entries ??= Array.isArray(node.result) ? itemsOf(node, node.result) : pairsOf(node);
      const entry = node.entries.get(String(segment));
      const wanted = part === 'key' && index === path.length - 1 ? entry?.key : undefined;
      const next = wanted ?? entry?.value ?? entry?.key;
      if (next === undefined) break;
      at = next;
    }
    starts ??= lineStarts(text);
    return placeAt(starts, contentStart(text, at?.start ?? 0));
  };
  return { listener, placeOf };
}

/** js-yaml reads some nodes twice, when what looked like a value turns out to be a key. */
function adopt(parent: Node, node: Node): void {
  while ((parent.children.at(-1)?.start ?? -1) >= node.start) parent.children.pop();
  parent.children.push(node);
}

function colonFollows(text: string, from: number): boolean {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

function pairsOf({ children }: Node): ReadonlyMap<string, Entry> {
  const pairs = new Map<string, Entry>();
  for (const [index, child] of children.entries()) {
    if (!child.isKey) continue;
    const next = children[index + 1];
    // An empty value is read where the next key stands.
    const given = next !== undefined && !next.isKey && next.result !== null;
    const value = given ? { value: next } : {};
    pairs.set(String(child.result), { key: child, ...value });
  }
  return pairs;
}

/** Items that are left empty have no node. */
function itemsOf({ children }: Node, items: readonly unknown[]): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  let next = 0;
  for (const [index, item] of items.entries()) {
    const child = children[next];
    if (child === undefined || (item === null && child.result !== null)) continue;
    found.set(String(index), { value: child });
    next += 1;
  }
  return found;
}

/** Past blanks, line ends and comments. */
function contentStart(text: string, from: number): number {
  const passed = /(?:[ \t\r\n]+|#[^\r\n]*)*/y;
  passed.lastIndex = from;
  passed.exec(text);
  return passed.lastIndex;
}

/** Where each line of a text begins. */
function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (const end of text.matchAll(/\r\n?|\n/g)) starts.push(end.index + end[0].length);
  return starts;
}

function placeAt(starts: readonly number[], offset: number): YamlPlace {
  let [first, past] = [0, starts.length];
  while (past - first > 1) {
    const middle = (first + past) >> 1;
    if ((starts[middle] ?? Infinity) <= offset) first = middle;
    else past = middle;
  }
  return { line: first + 1, column: offset - (starts[first] ?? 0) + 1 };
}
