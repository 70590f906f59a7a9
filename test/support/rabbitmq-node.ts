/** A RabbitMQ node of one's own, from the installed server: to be killed, paused, wiped and alarmed at will. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveClock, liveIds } from '../../src/kernel/live.ts';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

/** Debian's own directory first: what is on the PATH there insists on another user. */
const PLACES = ['/usr/lib/rabbitmq/bin', ...(env['PATH'] ?? '').split(':')];
const bin = PLACES.find((each) => existsSync(path.join(each, 'rabbitmq-server')));

/** False where no rabbitmq-server is installed: tests are skipped there. */
export const isRabbitInstalled = bin !== undefined;

const ANSWERS_WITHIN_MS = 60_000;
const POLL_MS = 20;
/** What a node that lets connections in says first, in answer to a protocol that does not exist. */
const GREETING = 'AMQP';

export interface RabbitNode extends AsyncDisposable {
  /** As guest of virtual host `/`. */
  readonly url: string;
  readonly port: number;
  /** Starts on whatever the data directory holds; resolves once clients can connect. */
  start(): Promise<void>;
  /** SIGKILL to the whole server; resolves when it is gone. */
  kill(): Promise<void>;
  /** A clean shutdown. */
  stop(): Promise<void>;
  /** SIGSTOP: alive, connected and silent, until `resume`. */
  pause(): void;
  resume(): void;
  /** Deletes everything the node has written, whether it runs or not. */
  wipe(): Promise<void>;
  /** `rabbitmqctl …` for this node. Answers its output. @throws Error with what it said on stderr. */
  control(...args: readonly string[]): Promise<string>;
  /** The node's log so far, for a failed test to print. */
  log(): Promise<string>;
}

/** Starts a fresh node on free ports; disposing kills it and removes everything. */
export async function startRabbitNode(): Promise<RabbitNode> {
  await using closing = new ClosingStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'wonderland-rabbitmq-'));
  closing.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const node = new Node(folder, await settingsFor(folder));
  closing.use(await startPortMapper(node.settings));
  closing.use(node);
  await node.start();
  const owned = closing.move();
  // A test run that is interrupted leaves no server behind.
  const last = (): void => node.signal('SIGKILL');
  process.once('exit', last);
  owned.defer(() => process.off('exit', last));
  return Object.assign(node.handle(), {
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  });
}

type Settings = Readonly<Record<string, string>>;

async function settingsFor(folder: string): Promise<Settings> {
  const inFolder = (name: string): string => path.join(folder, name);
  await writeFile(inFolder('enabled_plugins'), '[].');
  await writeFile(inFolder('rabbitmq.conf'), '');
  await writeFile(inFolder('advanced.config'), '[].');
  return {
    PATH: env['PATH'] ?? '',
    // The Erlang cookie is made there.
    HOME: folder,
    RABBITMQ_NODENAME: `wonderland-${liveIds.hex(4)}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: `${await freePort()}`,
    RABBITMQ_DIST_PORT: `${await freePort()}`,
    ERL_EPMD_PORT: `${await freePort()}`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_MNESIA_BASE: inFolder('data'),
    RABBITMQ_LOG_BASE: inFolder('log'),
    RABBITMQ_LOGS: inFolder('node.log'),
    RABBITMQ_PID_FILE: inFolder('pid'),
    RABBITMQ_FEATURE_FLAGS_FILE: inFolder('feature_flags'),
    RABBITMQ_PLUGINS_EXPAND_DIR: inFolder('plugins'),
    RABBITMQ_ENABLED_PLUGINS_FILE: inFolder('enabled_plugins'),
    RABBITMQ_CONFIG_FILE: inFolder('rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: inFolder('advanced.config'),
    RABBITMQ_CONF_ENV_FILE: inFolder('no-such-file'),
    // The script becomes the server instead of watching over it: its pid is the one to kill.
    RUNNING_UNDER_SYSTEMD: 'true',
  };
}

/** Erlang's name server. The node would start a daemon of its own, which nobody stops. */
async function startPortMapper(settings: Settings): Promise<AsyncDisposable> {
  const { ERL_EPMD_PORT: port = '' } = settings;
  const child = spawn('epmd', ['-port', port], { env: { ...settings }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

class Node implements AsyncDisposable {
  readonly settings: Settings;
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(folder: string, settings: Settings) {
    this.#folder = folder;
    this.settings = settings;
    this.#port = Number(settings['RABBITMQ_NODE_PORT']);
  }

  handle(): Omit<RabbitNode, typeof Symbol.asyncDispose> {
    return {
      url: `amqp://guest:guest@127.0.0.1:${this.#port}`,
      port: this.#port,
      start: () => this.start(),
      kill: () => this.#end('SIGKILL'),
      stop: () => this.#end('SIGTERM'),
      pause: () => this.signal('SIGSTOP'),
      resume: () => this.signal('SIGCONT'),
      wipe: () => this.#wipe(),
      control: (...args) => this.#control(args),
      log: () => readFile(path.join(this.#folder, 'node.log'), 'utf8'),
    };
  }

  async start(): Promise<void> {
    await mkdir(path.join(this.#folder, 'data'), { recursive: true });
    const child = spawn(path.join(bin ?? '', 'rabbitmq-server'), {
      env: { ...this.settings },
      // A group of its own, so that a signal reaches its helpers too.
      detached: true,
      stdio: 'ignore',
    });
    this.#child = child;
    this.#ended = once(child, 'exit');
    const giveUpAt = liveClock.elapsed() + ANSWERS_WITHIN_MS;
    while (!(await greets(this.#port))) {
      if (hasEnded(child) || liveClock.elapsed() > giveUpAt) throw await this.#notStarted();
      await liveClock.sleep(POLL_MS);
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child?.pid === undefined || hasEnded(this.#child)) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // It has just ended by itself.
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    await this.#ended;
  }

  async #wipe(): Promise<void> {
    const data = path.join(this.#folder, 'data');
    await rm(data, { recursive: true, force: true, maxRetries: 10 });
  }

  async #control(args: readonly string[]): Promise<string> {
    const { stdout } = await run(path.join(bin ?? '', 'rabbitmqctl'), ['-q', ...args], {
      env: { ...this.settings },
    });
    return stdout;
  }

  async #notStarted(): Promise<Error> {
    const log = await readFile(path.join(this.#folder, 'node.log'), 'utf8').catch(() => '(no log)');
    return new Error(`rabbitmq-server did not start:\n${log.slice(-4_000)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGCONT');
    await this.#end('SIGKILL');
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Does AMQP come back? A port that only accepts is not enough: the kernel does that for a hung server too. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('AMQP\0\0\0\0'));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(data.toString('latin1').startsWith(GREETING));
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(false));
  });
}
