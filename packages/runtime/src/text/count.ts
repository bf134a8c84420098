/** `1 pod`, `3 pods`, `2 entries`: a number and its noun. `many` where the plural is not just an s more. */
export function count(number: number, noun: string, many = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : many}`;
}
