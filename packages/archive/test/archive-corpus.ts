import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const block = 512;

/** An entry of a tar or zip archive as a hostile or foreign writer may put it there. */
export interface RawEntry {
  name: string;
  text?: string;
  /** Typeflag of tar; `0` by default. */
  type?: string;
  /** Unix mode with file type for zip. */
  mode?: number;
}

/** Writes the sum over a tar header, at the offset `at`. */
export function sign(tar: Buffer, at = 0): Buffer {
  tar.write(' '.repeat(8), at + 148);
  const sum = tar.subarray(at, at + block).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148);
  return tar;
}

/** A ustar archive of entries whose names no careful writer would take. */
export function rawTar(entries: readonly RawEntry[]): Buffer {
  const parts = entries.flatMap(({ name, text = '', type = '0' }) => {
    const header = Buffer.alloc(block);
    header.write(name, 0, 100, 'latin1');
    header.write('0000644\0', 100);
    header.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write(type, 156);
    header.write('ustar\0' + '00', 257);
    return [sign(header), Buffer.from(text.padEnd(Math.ceil(text.length / block) * block, '\0'))];
  });
  return Buffer.concat([...parts, Buffer.alloc(block * 2)]);
}

/** The body of a pax header: a record for each key, with its length. */
export function paxBody(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      const length = [1, 2, 3].map((digits) => digits + Buffer.byteLength(rest));
      return `${length.find((each) => String(each).length + rest.length === each) ?? 0}${rest}`;
    })
    .join('');
}

/** The same gzipped. */
export const rawTarGz = (entries: readonly RawEntry[]): Buffer => gzipSync(rawTar(entries));

/** A zip written by Python's zipfile, which takes any name. */
export function pythonZip(entries: readonly RawEntry[]): Buffer {
  const script = `
import json, sys, warnings, zipfile
warnings.simplefilter('ignore')
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:
    for entry in json.load(sys.stdin):
        info = zipfile.ZipInfo(entry['name'])
        info.filename = entry['name']
        info.create_system = 3
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = entry.get('mode', 0o100644) << 16
        archive.writestr(info, entry.get('text', ''))
`;
  return written((file) => runPython(script, [file], JSON.stringify(entries)));
}

/** The tar archive that Python's tarfile writes in `format` (USTAR, GNU, PAX). */
export function pythonTar(format: string, entries: readonly RawEntry[]): Buffer {
  const script = `
import io, json, sys, tarfile
with tarfile.open(sys.argv[1], 'w', format=getattr(tarfile, sys.argv[2] + '_FORMAT')) as archive:
    for entry in json.load(sys.stdin):
        data = entry.get('text', '').encode()
        info = tarfile.TarInfo(entry['name'])
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
`;
  return written((file) => runPython(script, [file, format], JSON.stringify(entries)));
}

/** Runs Python 3, which is the second opinion on what archives hold. */
export function runPython(script: string, args: readonly string[], input = ''): string {
  const python = process.platform === 'win32' ? 'python' : 'python3';
  return execFileSync(python, ['-c', script, ...args], { encoding: 'utf8', input });
}

function written(write: (file: string) => void): Buffer {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-corpus-'));
  try {
    const file = path.join(folder, 'archive');
    write(file);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
