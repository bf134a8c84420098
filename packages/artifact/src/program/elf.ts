const programHeaderInterpreter = 3;

/**
 * Whether an ELF program asks for a dynamic loader (PT_INTERP), which an image from scratch does not
 * have. False for anything that is not ELF.
 */
export function needsLoader(program: Buffer): boolean {
  if (program.length < 64 || program.readUInt32BE(0) !== 0x7f454c46) return false;
  const is64 = program[4] === 2;
  const isLittle = program[5] === 1;
  const u16 = (at: number): number =>
    isLittle ? program.readUInt16LE(at) : program.readUInt16BE(at);
  const u32 = (at: number): number =>
    isLittle ? program.readUInt32LE(at) : program.readUInt32BE(at);
  const u64 = (at: number): number =>
    Number(isLittle ? program.readBigUInt64LE(at) : program.readBigUInt64BE(at));
  const offset = is64 ? u64(32) : u32(28);
  const size = u16(is64 ? 54 : 42);
  const count = u16(is64 ? 56 : 44);
  for (let index = 0; index < count; index += 1) {
    const at = offset + index * size;
    if (at + 4 > program.length) return false;
    if (u32(at) === programHeaderInterpreter) return true;
  }
  return false;
}
