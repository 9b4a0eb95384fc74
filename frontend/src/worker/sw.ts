/**
 * Caches the files of the page, so that it opens offline. Data never passes through here: the API, sockets and uploads
 * go straight to the network.
 */
declare const self: ServiceWorkerGlobalScope;

// The build puts in what it has made.
const FILES = '%FILES%'.split(' ');
const SHELL = 'page-%VERSION%';
const KEPT_VERSIONS = 2;
const NETWORK_TIMEOUT_MS = 4000;
const NOT_OURS = /^\/(api|socket\.io|uploads)(\/|$)/;

self.addEventListener('install', (event) => {
  event.waitUntil(keep());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(tidy());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || NOT_OURS.test(url.pathname)) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (FILES.includes(url.pathname) || url.pathname.startsWith('/assets/')) event.respondWith(file(request));
});

async function keep(): Promise<void> {
  const cache = await caches.open(SHELL);
  await cache.addAll(FILES);
  await self.skipWaiting();
}

/** A tab that was opened before an update may still want a part of the version before. */
async function tidy(): Promise<void> {
  const versions = (await caches.keys()).filter((name) => name.startsWith('page-') && name !== SHELL);
  for (const old of versions.slice(0, Math.max(0, versions.length - KEPT_VERSIONS + 1))) await caches.delete(old);
  await self.clients.claim();
}

/** From the server, so that an update is never missed; from the device where that does not answer. */
async function page(request: Request): Promise<Response> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, NETWORK_TIMEOUT_MS));
  const answer = await Promise.race([fetch(request).catch(() => undefined), late]);
  if (answer && answer.status < 500) return answer;
  const kept = await caches.match('/', { cacheName: SHELL, ignoreVary: true });
  return kept ?? answer ?? fetch(request);
}

/** The names of files change with their content. */
async function file(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

export {};
