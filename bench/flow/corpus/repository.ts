/** Texts by path, with `/` on every machine. */
export type Files = ReadonlyMap<string, string>;

/** A change to the files of a repository, in place; throws when it changes nothing, for then it has gone stale. */
export type Edit = (files: Map<string, string>) => void;

/** A repository that changes are made to, as its people set it up. */
export interface SampleRepository {
  name: string;
  files: Files;
  /** What its people know to concern every service, as they tell every tool. */
  sharedPaths: readonly string[];
  /** Folders of libraries that all services are said to depend on, by people who keep one rule for all. */
  libraries: readonly string[];
  /** What each service was made of on the day its rule was written: folders beside its own. */
  dependencies: Readonly<Record<string, readonly string[]>>;
}

/** One commit on top of a repository. */
export interface Change {
  /** What it does, as a commit would say it. */
  name: string;
  repository: string;
  edits: readonly Edit[];
  /** Build tags that services have from then on, by name of the service. */
  tags?: Readonly<Record<string, string>>;
}

/** What is built and deployed as one. */
export interface SampleService {
  name: string;
  folder: string;
  /** Folder of its main package. */
  program: string;
  /** Files that are deployed besides its program: its chart, the charts it depends on by `file://`, its Dockerfile. */
  delivered: readonly string[];
}

/** Applies edits to a copy. */
export function edited(files: Files, edits: readonly Edit[]): Files {
  const after = new Map(files);
  for (const edit of edits) edit(after);
  return after;
}

/** The services of a repository by its convention: folders in `services` that hold a main package, or one in `cmd`. */
export function servicesOf(files: Files): readonly SampleService[] {
  const programs = new Map<string, string>();
  for (const [file, text] of files) {
    const found = /^services\/([^/]+)\/(?:cmd\/[^/]+\/)?[^/]+\.go$/.exec(file);
    if (found === null || file.endsWith('_test.go') || !/^package main$/m.test(text)) continue;
    programs.set(found[1] ?? '', file.slice(0, file.lastIndexOf('/')));
  }
  return [...programs].sort().map(([name, program]) => {
    const folder = `services/${name}`;
    const chart = files.get(`${folder}/chart/Chart.yaml`) ?? '';
    const common = /file:\/\/\.\.\/\.\.\/\.\.\/(\S+)/.exec(chart)?.[1];
    const isDelivered = (file: string): boolean =>
      !file.endsWith('.md') &&
      (file.startsWith(`${folder}/chart/`) ||
        file === `${folder}/Dockerfile` ||
        (common !== undefined && file.startsWith(`${common}/`)));
    return { name, folder, program, delivered: [...files.keys()].filter(isDelivered).sort() };
  });
}
