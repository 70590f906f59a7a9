/** A broker in a process of its own, so that a test can kill it: sends its URL, stops on any message. */
import { runBroker } from '../../src/broker/main.ts';
import { liveClock } from '../../src/kernel/live.ts';

const [port = '0', dataFile] = process.argv.slice(2);
const stop = new AbortController();
process.once('message', () => stop.abort());
process.once('disconnect', () => stop.abort());
await runBroker({ port: Number(port), dataFile, clock: liveClock }, stop.signal, ({ url }) =>
  process.send?.(url),
);
if (process.connected) process.disconnect();
