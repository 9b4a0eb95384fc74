/**
 * Holds the page's files, functions, components and folders to sizes that can be read in one go, and fails with what
 * is longer. Functions are counted with those inside them; a component is one whose name begins with a capital letter.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'vite';

const FILE_MAX = 350;
const FUNCTION_MAX = 60;
const COMPONENT_MAX = 120;
const FOLDER_MAX = 14;
/** Word lists, and what is generated. */
const LISTS = new Set(['src/lib/words.en.ts', 'src/lib/words.ja.ts', 'src/api/contract.ts']);
/** One file a test case. */
const CASES = new Set(['e2e']);
const WRITTEN = /\.(tsx?|css|mjs)$/;

function folders(path) {
  const entries = readdirSync(path, { withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && WRITTEN.test(entry.name))
    .map(({ name }) => join(path, name));
  const below = entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => folders(join(path, name)));
  return [{ path, files }, ...below];
}
/** What a function is called: by itself, or by the variable or property that holds it. */
function functionsOf(file, source) {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const names = new Map();
  const groups = new Set();
  const found = [];
  const note = (node) => {
    if (!groups.has(node)) found.push({ name: node.id?.name ?? names.get(node) ?? '(anonymous)', node });
  };
  new Visitor({
    VariableDeclarator: ({ id, init }) => names.set(init, id.name),
    Property: ({ key, value }) => names.set(value, key.name),
    MethodDefinition: ({ key, value }) => names.set(value, key.name),
    // A group of tests is as long as its tests are many.
    CallExpression: ({ callee, arguments: given }) => {
      if ((callee.property ?? callee).name === 'describe') groups.add(given[1]);
    },
    FunctionDeclaration: note,
    FunctionExpression: note,
    ArrowFunctionExpression: note,
  }).visit(program);
  return found;
}

const lines = (text) => text.split('\n').length;
const long = [];
const hold = (what, count, max) => {
  if (count > max) long.push(`${what}: ${count}, at most ${max}`);
};

for (const { path, files } of ['src', 'e2e', 'tools'].flatMap(folders)) {
  if (!CASES.has(path)) hold(`files in ${path}`, files.length, FOLDER_MAX);
  for (const file of files) {
    if (LISTS.has(file)) continue;
    const source = readFileSync(file, 'utf8');
    hold(`lines of ${file}`, lines(source.trimEnd()), FILE_MAX);
    if (file.endsWith('.css')) continue;
    for (const { name, node } of functionsOf(file, source)) {
      const isComponent = file.endsWith('.tsx') && /^[A-Z]/.test(name);
      const length = lines(source.slice(node.start, node.end));
      hold(`lines of ${name} in ${file}`, length, isComponent ? COMPONENT_MAX : FUNCTION_MAX);
    }
  }
}
if (long.length > 0) throw new Error(`too long, split them:\n${long.join('\n')}`);
console.log('sizes: all files, functions, components and folders are within their limits');
