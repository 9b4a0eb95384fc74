/** How the page is built, served while it is written, and tested without a browser. */
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const SERVER = process.env['CHAT_SERVER_URL'] ?? 'http://127.0.0.1:3000';
const WORTH_IT = /\.(js|css|html|svg|json|webmanifest)$/;
const SMALL_BYTES = 1024;

/** Puts `.gz` and `.br` beside every text file, so that the server never compresses. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        const raw = Buffer.from(file.type === 'chunk' ? file.code : file.source);
        if (!WORTH_IT.test(fileName) || raw.length < SMALL_BYTES) continue;
        this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: gzipSync(raw, { level: 9 }) });
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
        this.emitFile({ type: 'asset', fileName: `${fileName}.br`, source: brotliCompressSync(raw, { params }) });
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), precompress()],
  build: { target: 'es2022', manifest: true, cssCodeSplit: true, assetsInlineLimit: 0 },
  server: {
    proxy: {
      '/api': { target: SERVER, changeOrigin: true },
      '/uploads': { target: SERVER, changeOrigin: true },
      '/socket.io': { target: SERVER, changeOrigin: true, ws: true },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
