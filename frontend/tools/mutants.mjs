/** Prints the mutants of a folder of the page as JSON, for `cargo x test mutants page`. */
import { readdirSync, readFileSync } from 'node:fs';
import { Instrumenter } from '@stryker-mutator/instrumenter';

const [folder] = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true })
  .map((name) => `${folder}/${name}`)
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
  .map((name) => ({ name, mutate: true, content: readFileSync(name, 'utf8') }));
const silent = { isDebugEnabled: () => false, debug() {}, info() {}, warn() {} };
// Class names and other texts are looked at, not asserted.
const options = { plugins: null, excludedMutations: ['StringLiteral'], ignorers: [] };
const { mutants } = await new Instrumenter(silent).instrument(files, options);

// Lines and columns count from 0 there, and from 1 in cargo-mutants' list, whose shape this is.
const place = ({ line, column }) => ({ line: line + 1, column: column + 1 });
const list = mutants
  .filter((mutant) => mutant.status !== 'Ignored')
  .map(({ fileName, mutatorName, replacement, location: { start, end } }) => ({
    name: `${fileName}:${start.line + 1}:${start.column + 1}: ${mutatorName}: ${replacement.replace(/\s+/g, ' ')}`,
    file: `frontend/${fileName}`,
    span: { start: place(start), end: place(end) },
    replacement,
  }));
console.log(JSON.stringify(list));
