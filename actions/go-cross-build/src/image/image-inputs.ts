import { isImageTag, parseImageName, parsePinnedImage } from '@slipway/artifact';
import { quoted, type InputReader } from '@slipway/runtime';
import { misplaced } from '../archive-inputs.ts';
import type { ImageBudget } from './image-budget.ts';
import { readImageFile, type ImageFile } from './image-file.ts';
import type { ImageRequest } from './images.ts';

/** Of an image from scratch: a server with few dependencies is half of it. */
const usualBudget = 5_000_000;

/** What is said of images, with a repository or, as for a pull request, without. */
export type ImageInputs = ImageRequest;

function readTags(read: InputReader): readonly string[] {
  const tags = read.list('image-tags');
  for (const tag of tags)
    if (!isImageTag(tag.replaceAll('{version}', '0')))
      read.problem(`image-tags: ${quoted(tag)} is not an image tag.`);
  return tags;
}

function readFiles(read: InputReader): readonly ImageFile[] {
  return read.list('image-files').flatMap((line) => {
    const file = readImageFile(line);
    const why =
      file === undefined
        ? 'is not of the form glob=/place, with owner=65532 and mode=0640 behind it where needed'
        : misplaced(file);
    if (why !== undefined) read.problem(`image-files: ${quoted(line)} ${why}.`);
    return file === undefined || why !== undefined ? [] : [file];
  });
}

function readPorts(read: InputReader): readonly string[] {
  return read.list('image-ports').flatMap((line) => {
    const [, port = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(line) ?? [];
    if (Number(port) >= 1 && Number(port) <= 65_535) return [`${Number(port)}/${protocol}`];
    read.problem(`image-ports: ${quoted(line)} is no port; write for example 8080 or 53/udp.`);
    return [];
  });
}

function readUser(read: InputReader, hasBase: boolean): string {
  const user = read.string('image-user');
  const isNumber = /^\d{1,10}(?::\d{1,10})?$/.test(user);
  if (user !== '' && !isNumber && !(hasBase && /^[\w.-]{1,64}(?::[\w.-]{1,64})?$/.test(user)))
    read.problem(
      `image-user: ${quoted(user)} is not a number such as 1000 or 1000:1000${hasBase ? ', or a name' : '; names are known where image-base brings them'}.`,
    );
  return user;
}

function readEnv(read: InputReader): Readonly<Record<string, string>> {
  return read.map('image-env', {
    keyPattern: /^[A-Za-z_][A-Za-z0-9_]{0,200}$/,
    expected: 'letters, digits and "_"',
  });
}

function readBudget(read: InputReader, isScratch: boolean): ImageBudget {
  const bytes = read.size('image-budget', { min: 1 });
  if (read.given('image-budget')) return { bytes, isOurs: false };
  return { bytes: isScratch ? usualBudget : Infinity, isOurs: true };
}

/** What of the login, and of images without a repository, contradicts itself. */
function checkTogether(read: InputReader, { image, tags, username, password }: ImageInputs): void {
  if (image !== '') read.check('image', () => parseImageName(image.replace('{name}', 'name')));
  // The settings of a service hold also where it is built and not pushed, as for a pull request.
  if (image === '' && tags.length > 0 && !read.isSetting('image-tags'))
    read.problem('image-tags: given without image, so there is nothing to tag.');
  if (image !== '' && username !== '' && password === '')
    read.problem(
      'registry-password: is empty, but registry-username is given; is the secret defined here?',
    );
  if (password !== '' && username === '')
    read.problem('registry-username: is empty, but registry-password is given.');
}

/** Reads and judges what is said of images. */
export function readImageInputs(read: InputReader): ImageInputs {
  const base = read.parsed('image-base', (text) => parsePinnedImage(text), { default: undefined });
  const isScratch = base === undefined;
  const inputs = {
    image: read.string('image'),
    base,
    files: readFiles(read),
    tags: readTags(read),
    labels: read.map('image-labels'),
    caCertificates: read.boolean('image-ca-certificates', { default: isScratch }),
    tzdata: read.boolean('image-tzdata', { default: isScratch }),
    start: {
      entrypoint: read.list('image-entrypoint'),
      args: read.list('image-args'),
      env: readEnv(read),
      user: readUser(read, !isScratch),
      ports: readPorts(read),
    },
    budget: readBudget(read, isScratch),
    username: read.string('registry-username'),
    password: read.secret('registry-password'),
  };
  checkTogether(read, inputs);
  return inputs;
}
