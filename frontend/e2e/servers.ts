/**
 * Servers of a test's own: real processes with stores of their own, behind a gate. The program
 * `tests/world` runs them, and takes commands as lines of JSON.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { needed, sqlAt } from './store';

type About = { url: string; servers: readonly string[]; databaseUrl: string };

export class Servers {
  private constructor(
    private readonly world: World,
    private readonly about: About,
  ) {}

  static async start(count: number, settings: Record<string, string> = {}): Promise<Servers> {
    const world = new World();
    try {
      return new Servers(world, (await world.say({ servers: count, settings })) as About);
    } catch (error) {
      await world.end();
      throw error;
    }
  }

  /** The address of the gate, which passes connections on to a server that takes new ones. */
  get url(): string {
    return this.about.url;
  }

  get databaseUrl(): string {
    return this.about.databaseUrl;
  }

  /** The address of one server, past the gate. */
  direct(n: number): string {
    const url = this.about.servers[n];
    if (url === undefined) throw new Error(`there is no server ${n}`);
    return url;
  }

  /** Runs SQL in the database of these servers. */
  sql(statements: string): string {
    return sqlAt(new URL(this.databaseUrl), statements);
  }

  /** Changes a setting; it holds for servers that begin after this. */
  async set(name: string, value: string): Promise<void> {
    await this.world.say({ set: [name, value] });
  }

  /** Whether connections are passed on. */
  async reachable(on: boolean): Promise<void> {
    await this.world.say({ reachable: on });
  }

  /** Browsers get nothing more of what the servers send, or get it again. */
  async flowing(on: boolean): Promise<void> {
    await this.world.say({ flowing: on });
  }

  /** Starts a server that has ended, and waits until it takes requests. */
  async begin(n: number): Promise<void> {
    await this.world.say({ begin: n });
  }

  /** Drains a server: it moves its clients, and new connections go to another. Waits until it has ended. */
  async drain(n: number): Promise<void> {
    await this.world.say({ drain: n });
  }

  async kill(n: number): Promise<void> {
    await this.world.say({ kill: n });
  }

  /** A number of the metrics of a server, all labels together. */
  async metric(n: number, name: string): Promise<number> {
    return (await this.world.say({ metric: [n, name] })) as number;
  }

  async stop(): Promise<void> {
    await this.world.end();
  }
}

type Waiting = { resolve: (value: unknown) => void; reject: (error: Error) => void };

/** The program: answers come in the order of the commands. */
class World {
  private readonly process: ChildProcess;
  private readonly ended: Promise<void>;
  private readonly waiting: Waiting[] = [];

  constructor() {
    this.process = spawn(needed('CHAT_TEST_WORLD'), { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.process;
    if (!stdout) throw new Error('the program has no output');
    createInterface({ input: stdout }).on('line', (line) => {
      const { ok, error } = JSON.parse(line) as { ok?: unknown; error?: string };
      const next = this.waiting.shift();
      if (error === undefined) next?.resolve(ok);
      else next?.reject(new Error(error));
    });
    this.ended = new Promise((done) => {
      const end = (why: string) => {
        for (const next of this.waiting.splice(0)) next.reject(new Error(why));
        done();
      };
      this.process.once('exit', (code) => end(`the program ended with ${code}`));
      this.process.once('error', (error) => end(error.message));
    });
  }

  say(command: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.process.stdin?.write(`${JSON.stringify(command)}\n`);
    });
  }

  /** Ends the program, and with it all that it has started. */
  async end(): Promise<void> {
    this.process.stdin?.end();
    await this.ended;
  }
}
