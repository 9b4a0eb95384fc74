import { describe, expect, it } from 'vitest';
import { build } from '../builders';
import type { Pending } from '../outbox';
import { buildRows, justSent } from './row';

const dayOf = (iso: string) => iso.slice(0, 10);
const base = { pending: [], meId: 'me', waterline: false, dayOf };
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
const waiting: Pending = { clientId: 'c1', roomId: 'r', content: 'x', createdAt: at(9), state: 'waiting', attempts: 1 };

describe('rows', () => {
  it('group one author within five minutes', () => {
    const messages = [0, 4, 10].map((minute, i) => build({ seq: i + 1, createdAt: at(minute) }));
    expect(buildRows({ ...base, messages }).map((row) => row.first)).toEqual([true, false, true]);
  });
  it('begin a day with its separator', () => {
    const messages = [
      build({ seq: 1, createdAt: '2026-01-01T23:59:00Z' }),
      build({ seq: 2, createdAt: '2026-01-02T00:00:00Z' }),
    ];
    expect(buildRows({ ...base, messages }).map((row) => row.day)).toEqual(['2026-01-01', '2026-01-02']);
  });
  it('mark the first new one of others, and only that', () => {
    const messages = [build({ seq: 1 }), build({ seq: 2, senderId: 'me' }), build({ seq: 3 }), build({ seq: 4 })];
    const rows = buildRows({ ...base, messages, unreadAfter: 1 });
    expect(rows.map((row) => row.newSince !== undefined)).toEqual([false, false, true, false]);
  });
  it('put what is unsent below the waterline', () => {
    const rows = buildRows({ ...base, messages: [build({ seq: 1 })], pending: [waiting], waterline: true });
    expect(rows.map((row) => row.waterline)).toEqual([undefined, true]);
  });
  it('show what is unsent far up in the history too, behind a gap', () => {
    const rows = buildRows({ ...base, messages: [build({ seq: 1 })], pending: [waiting], hasAfter: true });
    expect(rows.map((row) => row.gap)).toEqual([undefined, true]);
    expect(rows[1]?.first).toBe(true);
  });
  it('tell what was just written from what is left when another one goes', () => {
    const rows = (pending: Pending[]) => buildRows({ ...base, messages: [], pending });
    const keys = (pending: Pending[]) => new Set(rows(pending).map((row) => row.key));
    const second = { ...waiting, clientId: 'c2' };
    expect(justSent(keys([waiting]), rows([waiting, second]))).toBe('me:c2');
    expect(justSent(keys([waiting, second]), rows([waiting]))).toBeUndefined();
    expect(justSent(new Set(), rows([{ ...waiting, state: 'failed' }]))).toBeUndefined();
  });
  it('keep their key when a pending one becomes stored', () => {
    const [pending] = buildRows({ ...base, messages: [], pending: [waiting] });
    const [stored] = buildRows({ ...base, messages: [build({ seq: 1, senderId: 'me', clientId: 'c1' })] });
    expect(stored?.key).toBe(pending?.key);
  });
  it('show what is stored once, also where another window kept it as unsent', () => {
    const messages = [build({ seq: 1, senderId: 'me', clientId: 'c1' }), build({ seq: 2, clientId: 'c2' })];
    const other = { ...waiting, clientId: 'c2' };
    const rows = buildRows({ ...base, messages, pending: [waiting, other], waterline: true });
    expect(rows.map((row) => row.pending?.clientId)).toEqual([undefined, undefined, 'c2']);
    expect(rows[2]?.waterline).toBe(true);
  });
});
