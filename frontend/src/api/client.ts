/** `fetch` to our own server: JSON in, JSON out, errors as `Rejected`, no answer as `NoAnswer`. */
import { isProblem, NoAnswer, Rejected } from './problem';

const TIMEOUT_MS = 15_000;

type Body = { json: unknown } | { blob: Blob };

async function call(method: string, path: string, body?: Body): Promise<unknown> {
  const headers: Record<string, string> = { accept: 'application/json' };
  const init: RequestInit = { method, headers, credentials: 'same-origin', signal: AbortSignal.timeout(TIMEOUT_MS) };
  if (body && 'json' in body) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(body.json);
  } else if (body) {
    headers['content-type'] = body.blob.type;
    init.body = body.blob;
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, init);
    text = await response.text();
  } catch (error) {
    throw new NoAnswer(error);
  }
  return read(response.ok, text);
}

function read(ok: boolean, text: string): unknown {
  let value: unknown;
  try {
    value = text === '' ? null : JSON.parse(text);
  } catch (error) {
    throw new NoAnswer(error);
  }
  if (ok) return value;
  throw isProblem(value) ? new Rejected(value) : new NoAnswer();
}

export async function get<T>(path: string): Promise<T> {
  return (await call('GET', path)) as T;
}

export async function post<T>(path: string, json: unknown = {}): Promise<T> {
  return (await call('POST', path, { json })) as T;
}

export async function patch<T>(path: string, json: unknown): Promise<T> {
  return (await call('PATCH', path, { json })) as T;
}

export async function put<T>(path: string, json: unknown = {}): Promise<T> {
  return (await call('PUT', path, { json })) as T;
}

export async function putBlob<T>(path: string, blob: Blob): Promise<T> {
  return (await call('PUT', path, { blob })) as T;
}

export async function remove<T>(path: string): Promise<T> {
  return (await call('DELETE', path)) as T;
}

/** An upload without progress for so long has failed. */
const STALLED_MS = 30_000;

export type Uploading = { readonly onProgress: (share: number) => void; readonly signal: AbortSignal };

/** Uploads with progress, which `fetch` does not report. There is no total timeout, only one without progress. */
export function upload<T>(path: string, file: Blob, name: string, { onProgress, signal }: Uploading): Promise<T> {
  const form = new FormData();
  form.append('file', file, name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    let stalled: ReturnType<typeof setTimeout> | undefined;
    const moved = () => {
      clearTimeout(stalled);
      stalled = setTimeout(stop, STALLED_MS);
    };
    request.open('POST', path);
    request.responseType = 'text';
    request.upload.onprogress = (event) => {
      moved();
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onerror = () => reject(new NoAnswer());
    request.onabort = () => reject(new NoAnswer());
    request.onload = () => {
      try {
        resolve(read(request.status >= 200 && request.status < 300, request.responseText) as T);
      } catch (error) {
        reject(error);
      }
    };
    request.onloadend = () => {
      clearTimeout(stalled);
      signal.removeEventListener('abort', stop);
    };
    signal.addEventListener('abort', stop);
    request.send(form);
    moved();
    if (signal.aborted) stop();
  });
}
