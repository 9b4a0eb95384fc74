import { describe, expect, it } from 'vitest';
import { build } from '../builders';
import { facesOf, moveMarker } from './receipt';

describe('receipts', () => {
  const user = (id: string) => ({ id, username: id, displayName: id });
  const member = (id: string, readSeq: number) => ({ user: user(id), role: 'member' as const, readSeq, joinedAt: '' });
  it('rest on the last of mine that was read', () => {
    const mine = [1, 2, 3].map((seq) => build({ seq, senderId: 'me' }));
    const faces = facesOf(mine, [member('a', 2), member('b', 9), member('c', 0), member('me', 9)], 'me');
    expect([...faces].map(([id, who]) => [id, who.map((m) => m.user.id)])).toEqual([
      ['r-2', ['a']],
      ['r-3', ['b']],
    ]);
  });
  it('never go back', () => {
    const members = [member('a', 5)];
    expect(moveMarker(members, 'a', 3)).toBe(members);
    expect(moveMarker(members, 'a', 6)[0]?.readSeq).toBe(6);
  });
});
