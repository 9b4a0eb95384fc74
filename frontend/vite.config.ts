/** How the page is built, served while it is written, and tested without a browser. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const SERVER = process.env['CHAT_SERVER_URL'] ?? 'http://127.0.0.1:3000';
const WORTH_IT = /\.(js|css|html|svg|json|webmanifest)$/;
const SMALL_BYTES = 1024;
const PART = /\.(js|css|svg|woff2)$/;
const WORKER = 'sw.js';

/** Puts `.gz` and `.br` beside every text file, so that the server never compresses. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    // What is on the disk is what goes out: some plugins change the code as late as they can.
    writeBundle({ dir = 'dist' }) {
      for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!WORTH_IT.test(file)) continue;
        const raw = readFileSync(join(dir, file));
        if (raw.length < SMALL_BYTES) continue;
        writeFileSync(join(dir, `${file}.gz`), gzipSync(raw, { level: 9 }));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
        writeFileSync(join(dir, `${file}.br`), brotliCompressSync(raw, { params }));
      }
    },
  };
}

/** Gives the service worker the names of the files that make the page. Before they are compressed. */
function listFiles(): Plugin {
  return {
    name: 'list-files',
    apply: 'build',
    writeBundle({ dir = 'dist' }) {
      const all = readdirSync(dir, { recursive: true, encoding: 'utf8' });
      const files = all.filter((file) => PART.test(file) && file !== WORKER).sort();
      const hash = createHash('sha256');
      for (const file of ['index.html', ...files]) hash.update(file).update(readFileSync(join(dir, file)));
      const names = ['/', ...files.map((file) => `/${file}`)].join(' ');
      const worker = readFileSync(join(dir, WORKER), 'utf8');
      const filled = worker.replace('%FILES%', names).replace('%VERSION%', hash.digest('hex').slice(0, 12));
      if (filled.includes('%')) throw new Error('the service worker does not have the names of its files');
      writeFileSync(join(dir, WORKER), filled);
    },
  };
}

export default defineConfig({
  plugins: [react(), listFiles(), precompress()],
  build: {
    target: 'es2022',
    manifest: true,
    cssCodeSplit: true,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/worker/sw.ts' },
      output: { entryFileNames: ({ name }) => (name === 'sw' ? WORKER : 'assets/[name]-[hash].js') },
    },
  },
  server: {
    proxy: {
      '/api': { target: SERVER, changeOrigin: true },
      '/uploads': { target: SERVER, changeOrigin: true },
      '/socket.io': { target: SERVER, changeOrigin: true, ws: true },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
