#!/usr/bin/env bash
# StrykerJS stops before its first test where the project's TypeScript is version 7.
#
# Versions: @stryker-mutator/core 9.6.1 and @stryker-mutator/vitest-runner 9.6.1, vitest 4.1.12,
# typescript 7.0.2, Node.js 20.20.
#
# Behaviour: TypeScript 7 is a native program, and its npm package no longer exports the compiler's
# functions. StrykerJS copies the project to a sandbox and rewrites the references in tsconfig.json
# there with `ts.parseConfigFileTextToJson` of the project's own `typescript`. It does so though no
# part of the run needs the compiler (vitest strips the types itself), and ends with a TypeError.
# With the option `tsconfigFile` naming a file that does not exist, the step is left out and the
# mutants are tested.
#
# Output seen:
#   with tsconfig.json:  TypeError: ts.parseConfigFileTextToJson is not a function
#   without that step:   1 killed
set -euo pipefail
fail() { echo "could not run: $1" >&2; exit 2; }
command -v npm >/dev/null || fail "npm is missing"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > package.json <<'J'
{ "name": "sum", "version": "1.0.0", "type": "module", "private": true }
J
npm install --silent --no-audit --no-fund --save-exact @stryker-mutator/core@9.6.1 \
    @stryker-mutator/vitest-runner@9.6.1 vitest@4.1.12 typescript@7.0.2 >npm.log 2>&1 ||
    fail "the packages cannot be installed: $(tail -1 npm.log)"
mkdir src
echo 'export const sum = (a: number, b: number): number => a + b;' > src/sum.ts
cat > src/sum.test.ts <<'J'
import { expect, it } from 'vitest';
import { sum } from './sum';

it('adds', () => expect(sum(2, 3)).toBe(5));
J
echo '{ "compilerOptions": { "strict": true, "target": "es2022", "module": "esnext" } }' > tsconfig.json
settings() {
    cat <<J
{ "testRunner": "vitest", "mutate": ["src/sum.ts"], "reporters": ["clear-text"], $1
  "mutator": { "excludedMutations": ["ArrowFunction"] } }
J
}

settings '' > stryker.config.json
with=$(npx stryker run 2>&1 || true)
settings '"tsconfigFile": "none.json",' > stryker.config.json
without=$(npx stryker run 2>&1 || true)

error=$(grep -o 'TypeError: ts.parseConfigFileTextToJson is not a function' <<<"$with" | head -1 || true)
killed=$(grep -E '^ *All files' <<<"$without" | tr -d ' ' | cut -d'|' -f4 || true)
echo "with tsconfig.json:  ${error:-no such error}"
echo "without that step:   ${killed:-none} killed"
[ -n "$error" ] && [ "$killed" = 1 ] || exit 1
