/**
 * Servers of a test's own: real processes with a database of their own, behind a gate. The gate is
 * what a load balancer is to a browser: it passes connections on to a server that takes new ones.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { unique } from './people';
import { needed, sqlAt } from './store';

const READY_MS = 30_000;

type Replica = { http: number; ops: number; process: ChildProcess | undefined; open: boolean };

export class Servers {
  readonly url: string;

  private constructor(
    private readonly gate: Gate,
    private readonly replicas: Replica[],
    private readonly settings: Record<string, string>,
    private readonly folder: string,
  ) {
    this.url = `http://localhost:${gate.port}`;
  }

  static async start(count: number, settings: Record<string, string> = {}): Promise<Servers> {
    const database = unique('e2e').replace('-', '_');
    const url = new URL(needed('CHAT_TEST_MYSQL_URL'));
    sqlAt(url, `CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    url.pathname = `/${database}`;
    const folder = join(needed('CHAT_TEST_DIR'), database);
    mkdirSync(folder, { recursive: true });
    const replicas: Replica[] = [];
    for (let n = 0; n < count; n += 1) {
      replicas.push({ http: await freePort(), ops: await freePort(), process: undefined, open: false });
    }
    const gate = await Gate.open(() => replicas.find((replica) => replica.open)?.http);
    const all = {
      CHAT_MYSQL_URL: url.href,
      CHAT_REDIS_URL: needed('CHAT_TEST_REDIS_URL'),
      CHAT_PAGE_DIR: resolve('dist'),
      CHAT_UPLOADS_DIR: join(folder, 'uploads'),
      CHAT_PUBLIC_ORIGINS: `http://localhost:${gate.port}`,
      CHAT_LIMIT_SIGN_UPS_PER_MINUTE: '0',
      CHAT_LIMIT_SIGN_INS_PER_MINUTE: '0',
      CHAT_LIMIT_SENDS_PER_SECOND: '0',
      ...settings,
    };
    const servers = new Servers(gate, replicas, all, folder);
    servers.run(['migrate']);
    for (let n = 0; n < count; n += 1) await servers.begin(n);
    return servers;
  }

  /** Runs SQL in the database of these servers. */
  sql(statements: string): string {
    return sqlAt(new URL(this.settings['CHAT_MYSQL_URL'] ?? ''), statements);
  }

  /** Changes a setting; it holds for servers that begin after this. */
  set(name: string, value: string): void {
    this.settings[name] = value;
  }

  /** Whether connections are passed on. */
  reachable(on: boolean): void {
    this.gate.reachable(on);
  }

  /** Browsers get nothing more of what the servers send, or get it again. */
  flowing(on: boolean): void {
    this.gate.flowing(on);
  }

  async begin(n: number): Promise<void> {
    const replica = this.at(n);
    const log = openSync(join(this.folder, `server-${n}.log`), 'a');
    const env = this.env(replica);
    replica.process = spawn(needed('CHAT_TEST_SERVER'), ['serve'], {
      env,
      cwd: this.folder,
      stdio: ['ignore', log, log],
    });
    const until = Date.now() + READY_MS;
    while (!(await isReady(replica.ops))) {
      if (Date.now() > until || replica.process.exitCode !== null) throw new Error(`no server; see ${this.folder}`);
      await pause(50);
    }
    replica.open = true;
  }

  /** Drains a server: it moves its clients, and new connections go to another. Waits until it has ended. */
  async drain(n: number): Promise<void> {
    await this.end(n, 'SIGTERM');
  }

  async kill(n: number): Promise<void> {
    await this.end(n, 'SIGKILL');
  }

  /** The address of one server, past the gate. */
  direct(n: number): string {
    return `http://localhost:${this.at(n).http}`;
  }

  /** A number of the metrics of a server, all labels together. */
  async metric(n: number, name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.at(n).ops}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async stop(): Promise<void> {
    this.gate.close();
    await Promise.all(this.replicas.map((_, n) => this.end(n, 'SIGKILL')));
  }

  private async end(n: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const replica = this.at(n);
    const { process: child } = replica;
    replica.open = false;
    replica.process = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await gone;
  }

  private run(words: string[]): void {
    const env = this.env(this.at(0));
    const done = spawnSync(needed('CHAT_TEST_SERVER'), words, { env, cwd: this.folder, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
  }

  private env(replica: Replica): NodeJS.ProcessEnv {
    const listen = { CHAT_HTTP_LISTEN: `127.0.0.1:${replica.http}`, CHAT_OPS_LISTEN: `127.0.0.1:${replica.ops}` };
    return { PATH: process.env['PATH'], NO_COLOR: '1', ...this.settings, ...listen };
  }

  private at(n: number): Replica {
    const replica = this.replicas[n];
    if (!replica) throw new Error(`there is no server ${n}`);
    return replica;
  }
}

type Pair = { browser: Socket; server: Socket };

class Gate {
  private readonly pairs = new Set<Pair>();
  private isReachable = true;
  private isFlowing = true;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async open(target: () => number | undefined): Promise<Gate> {
    const server = createServer();
    const port = await listening(server, 0);
    const gate = new Gate(server, port);
    server.on('connection', (browser) => gate.take(browser, target()));
    return gate;
  }

  reachable(on: boolean): void {
    this.isReachable = on;
    if (!on) for (const { browser } of this.pairs) browser.destroy();
  }

  flowing(on: boolean): void {
    this.isFlowing = on;
    for (const { browser, server } of this.pairs) {
      if (on) server.pipe(browser);
      else server.unpipe(browser).pause();
    }
  }

  close(): void {
    this.reachable(false);
    this.server.close();
  }

  private take(browser: Socket, port: number | undefined): void {
    if (!this.isReachable || port === undefined) {
      browser.destroy();
      return;
    }
    const pair = { browser, server: connect(port, '127.0.0.1') };
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      browser.destroy();
      pair.server.destroy();
    };
    for (const side of [browser, pair.server]) side.on('error', end).on('close', end);
    browser.pipe(pair.server);
    if (this.isFlowing) pair.server.pipe(browser);
  }
}

async function listening(server: Server, port: number): Promise<number> {
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server, 0);
  await new Promise((done) => server.close(done));
  return port;
}

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
