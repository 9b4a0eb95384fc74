/** Messages as one line of plain words: for quotes, lists and screen readers. */
import type { Message } from '../../../api/contract';
import type { Words } from '../../../lib/i18n';
import { plain } from '../../../lib/text/plain';

export function summary(message: Message, words: Words): string {
  if (message.deletedAt) return words.room.sourceDeleted;
  return plain(message.content) || (message.imageUrl ? words.room.picture : '');
}

/** Where others may delete too, nobody is said to have done it. */
export function deletedText(words: Words, mine: boolean, name: string, direct: boolean): string {
  if (!direct) return words.state.wasDeleted;
  return mine ? words.state.youDeleted : words.state.deleted(name);
}

type NameOf = (userId: string) => string;

const NAMES_MAX = 8;

/** The first of them by name, the others by number. */
export function joinNames(all: readonly string[], words: Words): string {
  const rest = all.length - NAMES_MAX;
  const names = rest > 0 ? [...all.slice(0, NAMES_MAX), words.common.others(rest)] : all;
  if (names.length < 2) return names[0] ?? '';
  return names.slice(0, -1).join(words.common.comma) + words.common.and + names.at(-1);
}

export function systemText(message: Message, words: Words, nameOf: NameOf, direct: boolean): string {
  const { system, senderId } = message;
  const who = nameOf(senderId);
  const t = words.system;
  switch (system?.type) {
    case undefined:
      return '';
    case 'created':
      return direct ? t.started(who) : t.created(who);
    case 'joined': {
      const others = system.userIds.filter((id) => id !== senderId);
      return others.length === 0 ? t.joined(who) : t.added(who, joinNames(others.map(nameOf), words));
    }
    case 'left':
      return system.userId === senderId ? t.left(who) : t.removed(who, nameOf(system.userId));
    case 'renamed':
      return t.renamed(who, system.name);
    case 'topicChanged':
      return system.topic === '' ? t.topicGone(who) : t.topic(who, system.topic);
    case 'roleChanged':
      return t.role(who, nameOf(system.userId), words.role[`${system.role}Is`]);
    case 'purged':
      return t.purged;
  }
}
