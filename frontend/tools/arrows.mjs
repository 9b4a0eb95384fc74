/** Checks the imports between the parts of the realtime client against the table of README.md, and rejects circles. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ROOT = 'src/realtime';
/** The files beside the folders: the composition root knows all of them. */
const OPEN = new Set(['client.ts', 'client-context.tsx', 'builders.ts', 'device.test.ts']);

/** `| \`outbox/\` | what it holds | \`sync/\`, \`drafts/\` |` says what a folder may import besides what those may. */
function table() {
  const rows = readFileSync('README.md', 'utf8').matchAll(/^\| `(\w+)\/` \| [^|]+ \| ([^|]*)\|$/gm);
  const direct = new Map(
    [...rows].map(([, name, on]) => [name, [...on.matchAll(/`(\w+)\/`/g)].map(([, below]) => below)]),
  );
  const all = (name, above = []) => {
    if (above.includes(name)) throw new Error(`${[...above, name].join(' -> ')}: a circle in the table of README.md`);
    return [name, ...(direct.get(name) ?? []).flatMap((below) => all(below, [...above, name]))];
  };
  return new Map([...direct.keys()].map((name) => [name, new Set(all(name))]));
}

const allowed = table();
const wrong = [];
for (const folder of readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  const may = allowed.get(folder.name);
  if (!may) throw new Error(`${ROOT}/${folder.name} is not in the table of README.md`);
  for (const name of readdirSync(join(ROOT, folder.name))) {
    const file = join(ROOT, folder.name, name);
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const target = relative(ROOT, join(dirname(file), path));
      if (target.startsWith('..') || name.includes('.test.')) continue;
      const [to] = target.split('/');
      const isFolder = target.includes('/');
      if (isFolder ? !may.has(to) : folder.name !== 'hooks' && OPEN.has(`${to}.ts`))
        wrong.push(`${file} imports ${target}`);
    }
  }
}
if (wrong.length > 0) throw new Error(`not in the table of README.md:\n${wrong.join('\n')}`);
console.log('arrows: the parts of the realtime client import what they are built on');
