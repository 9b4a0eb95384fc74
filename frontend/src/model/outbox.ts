/** Messages that the server does not have yet. Pure: time is an argument. */
import type { Code, ImageSize } from '../api/contract';

export type PendingState = 'queued' | 'sending' | 'waiting' | 'failed';

export type PendingImage = {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly size?: ImageSize;
  readonly uploaded?: { readonly url: string; readonly id: string };
};

export type Pending = {
  readonly clientId: string;
  readonly roomId: string;
  readonly content: string;
  readonly replyTo?: string;
  readonly image?: PendingImage;
  readonly createdAt: string;
  readonly state: PendingState;
  readonly attempts: number;
  /** Not before this time, in milliseconds. */
  readonly notBefore?: number;
  readonly cause?: Code | 'upload';
};

/** Attempts to upload a picture before the user is asked. */
export const UPLOAD_TRIES = 3;
/** How long to wait for an answer before the row says that it waits. */
export const ANSWER_TIMEOUT_MS = 10_000;

type Outbox = readonly Pending[];

export function enqueue(outbox: Outbox, pending: Pending): Outbox {
  if (outbox.some((other) => other.clientId === pending.clientId)) return outbox;
  return [...outbox, pending];
}

/** After a reload no send is in progress. */
export function restored(outbox: Outbox): Outbox {
  return outbox.map((p) => (p.state === 'failed' ? p : { ...p, state: 'waiting' as const }));
}

/** The next message of each room without a send in progress; failed ones do not block others. */
export function due(outbox: Outbox, now: number): Outbox {
  const seen = new Set<string>();
  const out: Pending[] = [];
  for (const pending of outbox) {
    if (pending.state === 'failed' || seen.has(pending.roomId)) continue;
    seen.add(pending.roomId);
    if (pending.state !== 'sending' && (pending.notBefore ?? 0) <= now) out.push(pending);
  }
  return out;
}

/** When the next one is due that waits for its time. */
export function nextDueAt(outbox: Outbox): number | undefined {
  const times = outbox.filter((p) => p.state !== 'failed' && p.notBefore !== undefined).map((p) => p.notBefore ?? 0);
  return times.length === 0 ? undefined : Math.min(...times);
}

export function change(outbox: Outbox, clientId: string, what: Partial<Pending>): Outbox {
  return outbox.map((p) => (p.clientId === clientId ? { ...p, ...what } : p));
}

export function begun(outbox: Outbox, clientId: string): Outbox {
  return outbox.map((p) =>
    p.clientId === clientId ? { ...p, state: 'sending' as const, attempts: p.attempts + 1 } : p,
  );
}

export function without(outbox: Outbox, clientId: string): Outbox {
  const out = outbox.filter((p) => p.clientId !== clientId);
  return out.length === outbox.length ? outbox : out;
}

/** No answer: the same message is sent again, with the same id. */
export function unanswered(outbox: Outbox, clientId: string, notBefore: number): Outbox {
  return change(outbox, clientId, { state: 'waiting', notBefore });
}

export function failed(outbox: Outbox, clientId: string, cause: Code | 'upload'): Outbox {
  return change(outbox, clientId, { state: 'failed', cause });
}

/** Goes to the end: there it will be stored. */
export function retried(outbox: Outbox, clientId: string): Outbox {
  const pending = outbox.find((p) => p.clientId === clientId);
  if (!pending) return outbox;
  const { cause: _, notBefore: __, ...rest } = pending;
  return [...without(outbox, clientId), { ...rest, state: 'queued', attempts: 0 }];
}

/** A final error, or one that retries did not resolve. A picture that cannot be stored now is reported. */
export function isFinal(code: Code, tries: number): boolean {
  if (code === 'uploadsUnavailable') return tries >= UPLOAD_TRIES;
  return code !== 'unavailable' && code !== 'tooManyRequests' && code !== 'unauthenticated' && code !== 'internal';
}

/** Whether a retry may succeed. */
export function mayRetry(cause: Pending['cause']): boolean {
  return cause !== 'notMember' && cause !== 'notFound' && cause !== 'forbidden';
}

export function ofRoom(outbox: Outbox, roomId: string): Outbox {
  return outbox.filter((p) => p.roomId === roomId);
}

export function unsentCount(outbox: Outbox): number {
  return outbox.filter((p) => p.state !== 'failed').length;
}
