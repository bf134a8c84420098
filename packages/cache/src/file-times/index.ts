export { contentTime, setContentTimes } from './content-times.ts';
