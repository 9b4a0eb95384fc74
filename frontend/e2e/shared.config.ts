/** The server that most tests share, where `CHAT_TEST_URL` names none. */
import { Servers } from './servers';

export default async function start(): Promise<(() => Promise<void>) | undefined> {
  if (process.env['CHAT_TEST_URL'] !== undefined || process.env['CHAT_TEST_WORLD'] === undefined) return undefined;
  const servers = await Servers.start(1);
  process.env['CHAT_TEST_URL'] = servers.url;
  process.env['CHAT_TEST_DATABASE_URL'] = servers.databaseUrl;
  return () => servers.stop();
}
