/** Adds up the JavaScript that the first view needs, gzipped, and fails above the budget. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 180 * 1000;
/** The landing page, and the dashboard of somebody who is signed in: each is a first view. */
const VIEWS = { landing: ['index.html'], dashboard: ['index.html', 'src/app/Dashboard.tsx'] };

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));

function closure(entries) {
  const seen = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    for (const next of manifest[key]?.imports ?? []) visit(next);
  };
  entries.forEach(visit);
  return [...seen].map((key) => manifest[key].file).filter((file) => file.endsWith('.js'));
}

let failed = false;
for (const [view, entries] of Object.entries(VIEWS)) {
  const missing = entries.filter((entry) => !manifest[entry]);
  if (missing.length > 0) throw new Error(`not in the manifest: ${missing.join(', ')}`);
  const bytes = closure(entries).reduce((sum, file) => sum + gzipSync(readFileSync(`dist/${file}`)).length, 0);
  console.log(`${view}: ${(bytes / 1000).toFixed(1)} kB gzip of ${BUDGET_BYTES / 1000} kB`);
  failed ||= bytes > BUDGET_BYTES;
}
if (failed) throw new Error('the first view is over its budget');
