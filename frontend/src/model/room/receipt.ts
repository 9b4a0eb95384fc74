/** Who has read which of my messages. */
import type { Member, Message } from '../../api/contract';

/** For each of my messages: those whose marker rests on it, that is on no later one of mine. */
export function facesOf(messages: readonly Message[], members: readonly Member[], meId: string): Map<string, Member[]> {
  const mine = messages.filter((m) => m.senderId === meId && !m.system && !m.deletedAt);
  const out = new Map<string, Member[]>();
  for (const member of members) {
    if (member.user.id === meId) continue;
    const resting = mine.findLast((message) => message.seq <= member.readSeq);
    if (!resting) continue;
    out.set(resting.id, [...(out.get(resting.id) ?? []), member]);
  }
  return out;
}

export function moveMarker(members: readonly Member[], userId: string, seq: number): readonly Member[] {
  if (!members.some((member) => member.user.id === userId && member.readSeq < seq)) return members;
  return members.map((member) => (member.user.id === userId ? { ...member, readSeq: seq } : member));
}
