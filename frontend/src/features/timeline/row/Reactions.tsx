/** Chips of what people reacted with. */
import { SmilePlus } from 'lucide-react';
import type { Message } from '../../../api/contract';
import { useWords } from '../../../lib/i18n';
import { joinNames } from './describe';

type Props = {
  message: Message;
  meId: string;
  nameOf: (id: string) => string;
  tabIndex: number;
  onToggle: (emoji: string, on: boolean) => void;
  onAdd: (anchor: HTMLElement) => void;
};

export function Reactions({ message, meId, nameOf, tabIndex, onToggle, onAdd }: Props) {
  const words = useWords();
  if (!message.reactions || message.reactions.length === 0) return null;
  return (
    <div className="rx">
      {message.reactions.map(({ emoji, userIds }) => {
        const mine = userIds.includes(meId);
        const others = userIds.filter((id) => id !== meId).map(nameOf);
        const label = words.act.reactedWith(emoji, joinNames(mine ? [words.common.you, ...others] : others, words));
        return (
          <button
            key={emoji}
            type="button"
            className={mine ? 'chip mine' : 'chip'}
            aria-pressed={mine}
            aria-label={label}
            title={label}
            tabIndex={tabIndex}
            onClick={() => onToggle(emoji, !mine)}
          >
            <span className="e">{emoji}</span>
            {userIds.length}
          </button>
        );
      })}
      <button
        type="button"
        className="chip add"
        aria-label={words.act.addReaction}
        tabIndex={tabIndex}
        onClick={(event) => onAdd(event.currentTarget)}
      >
        <SmilePlus className="i i-14" />
      </button>
    </div>
  );
}
