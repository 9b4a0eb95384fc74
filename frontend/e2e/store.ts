/** Straight into the database: what would take people years to write is there in seconds. */
import { spawnSync } from 'node:child_process';

const BASE_32 = '0123456789abcdefghjkmnpqrstvwxyz';

/** Runs statements in the database of the server that most tests share. */
export function sql(statements: string): string {
  return sqlAt(new URL(needed('CHAT_TEST_DATABASE_URL')), statements);
}

/** Runs statements in the database of an address. */
export function sqlAt(url: URL, statements: string): string {
  const words = [
    '--no-defaults',
    '--protocol=tcp',
    '--batch',
    '--skip-column-names',
    '--default-character-set=utf8mb4',
  ];
  const place = ['--host', url.hostname, '--port', url.port, '--user', decodeURIComponent(url.username)];
  const run = (client: string) =>
    spawnSync(client, [...words, ...place, url.pathname.slice(1)], {
      input: statements,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', MYSQL_PWD: decodeURIComponent(url.password) },
    });
  let done = run('mariadb');
  if (done.error) done = run('mysql');
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout;
}

/** Environment of the tests, set by `cargo x test browser`. */
export function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run the browser tests with: cargo x test browser`);
  return value;
}

/** The number behind an id of the API. */
export function numberOf(id: string): bigint {
  return [...id].reduce((sum, digit) => sum * 32n + BigInt(BASE_32.indexOf(digit)), 0n);
}

const TEN =
  '(SELECT 0 n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)';

/**
 * Fills a new room up to `count` messages, as two people would have left them over months: lines,
 * paragraphs, code, Japanese, and answers to what was said long before. Row `n` begins with "line n".
 */
export function fill(roomId: string, senders: readonly string[], count: number): void {
  const room = numberOf(roomId);
  const [even, odd] = senders.map(numberOf);
  const text = `CONCAT('line ', n, CASE
    WHEN n % 11 = 0 THEN CONCAT('\\n\\n', REPEAT('the tide turns at four and the pier is wet ', 1 + n % 9))
    WHEN n % 13 = 0 THEN '\\n\`\`\`\\nfn main() {\\n    ring();\\n}\\n\`\`\`'
    WHEN n % 17 = 0 THEN '\\n潮が引いたら、ブイの点検に出ます。二時に桟橋で会いましょう。'
    WHEN n % 19 = 0 THEN '\\n- ropes\\n- lamps\\n- **batteries**\\n- a [chart](https://example.org/chart)'
    ELSE '' END)`;
  const names = 'room_id, seq, changed_seq, ordinal, sender_id, client_id, content, reply_to, created_at';
  sql(`
    SET @done = (SELECT head FROM heads WHERE room_id = ${room});
    SET @posts = (SELECT posts FROM heads WHERE room_id = ${room});
    INSERT INTO messages (${names})
    SELECT ${room}, @done + n, @done + n, @posts + n, IF(n DIV 3 % 2, ${odd}, ${even}), UNHEX(MD5(CONCAT('${room} ', n))),
      ${text}, IF(n % 23 = 0, @done + 1 + n DIV 2, NULL), UTC_TIMESTAMP(6) - INTERVAL (${count} - n) MINUTE
    FROM (SELECT 1 + a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS n
      FROM ${TEN} a, ${TEN} b, ${TEN} c, ${TEN} d, ${TEN} e) numbers WHERE n <= ${count} ORDER BY n;
    UPDATE heads SET head = @done + ${count}, posts = @posts + ${count} WHERE room_id = ${room};`);
}
