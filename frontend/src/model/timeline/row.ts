/** From messages to what the timeline shows: groups, day separators, unread line, waterline. */
import type { Message } from '../../api/contract';
import type { Pending } from '../outbox';
import { isPurge } from './purge';

/** One author within this time is one group. */
const GROUP_MS = 5 * 60_000;

export type Row = {
  /** Stays the same when an own message is stored, so its row is not recreated. */
  readonly key: string;
  readonly message?: Message;
  readonly pending?: Pending;
  readonly senderId: string;
  readonly createdAt: string;
  readonly first: boolean;
  readonly day?: string;
  readonly newSince?: string;
  readonly waterline?: true;
  /** Between the row before and this one there are messages that are not loaded. */
  readonly gap?: true;
};

type RowInput = {
  readonly messages: readonly Message[];
  readonly pending: readonly Pending[];
  readonly meId: string;
  /** My marker when the room was opened; rows of others behind it are new. */
  readonly unreadAfter?: number;
  readonly waterline: boolean;
  /** There are newer messages than those that are loaded. */
  readonly hasAfter?: boolean;
  /** There are older ones. */
  readonly hasBefore?: boolean;
  readonly dayOf: (iso: string) => string;
};

function rowKey(senderId: string, clientId: string | undefined, id: string): string {
  return clientId === undefined ? id : `${senderId}:${clientId}`;
}

export function buildRows(input: RowInput): readonly Row[] {
  const rows: Row[] = [];
  let before: Row | undefined;
  let marked = false;
  for (const message of shown(input)) {
    const isNew: boolean = !marked && isUnread(message, input);
    marked ||= isNew;
    const { senderId, createdAt } = message;
    const day = dayStart(before, createdAt, input.dayOf);
    const first =
      isNew || day !== undefined || message.system !== undefined || startsGroup(before, senderId, createdAt);
    before = {
      key: rowKey(senderId, message.clientId, message.id),
      message,
      senderId,
      createdAt,
      first,
      ...(day === undefined ? {} : { day }),
      ...(isNew ? { newSince: createdAt } : {}),
    };
    rows.push(before);
  }
  return input.pending.length === 0 ? rows : rows.concat(pendingRows(input, rows));
}

/** The note on purged messages is shown once, above the oldest remaining one. */
function shown({ messages, hasBefore }: RowInput): readonly Message[] {
  const purge = messages.findLast(isPurge);
  if (!purge) return messages;
  const left = messages.filter((message) => !isPurge(message));
  return hasBefore === false ? [{ ...purge, createdAt: left[0]?.createdAt ?? purge.createdAt }, ...left] : left;
}

/** A stored message is not shown twice: another window may still have it as unsent. */
function pendingRows(input: RowInput, stored: readonly Row[]): Row[] {
  let before = stored.at(-1);
  const keys = new Set(stored.map((row) => row.key));
  const keyOf = (pending: Pending) => rowKey(input.meId, pending.clientId, pending.clientId);
  const unsent = input.pending.filter((pending) => !keys.has(keyOf(pending)));
  return unsent.map((pending, index) => {
    const waterline = index === 0 && input.waterline;
    const { createdAt } = pending;
    const gap = index === 0 && input.hasAfter === true;
    const day = dayStart(before, createdAt, input.dayOf);
    before = {
      key: keyOf(pending),
      pending,
      senderId: input.meId,
      createdAt,
      first: gap || day !== undefined || startsGroup(before, input.meId, createdAt),
      ...(day === undefined ? {} : { day }),
      ...(gap ? { gap: true as const } : {}),
      ...(waterline ? { waterline: true as const } : {}),
    };
    return before;
  });
}

/** The key of what was just written: what is left when another one goes, and what comes from the disk, is not. */
export function justSent(before: ReadonlySet<string>, rows: readonly Row[]): string | undefined {
  const last = rows.findLast((row) => row.pending);
  return last && last.pending?.state !== 'failed' && !before.has(last.key) ? last.key : undefined;
}

function isUnread(message: Message, input: RowInput): boolean {
  if (input.unreadAfter === undefined || message.seq <= input.unreadAfter) return false;
  return message.senderId !== input.meId && message.system === undefined;
}

function dayStart(before: Row | undefined, createdAt: string, dayOf: (iso: string) => string): string | undefined {
  const day = dayOf(createdAt);
  return before && dayOf(before.createdAt) === day ? undefined : day;
}

function startsGroup(before: Row | undefined, senderId: string, createdAt: string): boolean {
  if (!before || before.senderId !== senderId || before.message?.system) return true;
  return Date.parse(createdAt) - Date.parse(before.createdAt) > GROUP_MS;
}
