/** The `test` of every spec, after which all windows are closed and all servers have ended. */
import { test as base } from '@playwright/test';
import { arrive, type Guest, makeDirect } from './people';
import { Servers } from './servers';

/** Servers that one test alone has, and two people with a direct room there. */
type Own = { servers: Servers; mika: Guest; tomas: Guest; room: string };

type Fixtures = {
  windows: undefined;
  own: (count: number, settings?: Record<string, string>) => Promise<Own>;
};

export const test = base.extend<Fixtures>({
  // A window that a spec opened itself would be painted, and recorded, until the last spec has ended.
  windows: [
    async ({ browser }, use) => {
      await use(undefined);
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    { auto: true },
  ],
  own: async ({ browser }, use) => {
    const all: Servers[] = [];
    await use(async (count, settings) => {
      const servers = await Servers.start(count, settings);
      all.push(servers);
      const at = { baseURL: servers.url };
      const [mika, tomas] = await Promise.all([arrive(browser, 'Mika', at), arrive(browser, 'Tomas', at)]);
      return { servers, mika, tomas, room: await makeDirect(mika, tomas) };
    });
    await Promise.all(all.map((servers) => servers.stop()));
  },
});
