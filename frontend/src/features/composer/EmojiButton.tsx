/** Opens the emoji picker. */
import { Smile } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useWords } from '../../lib/i18n';
import { IconButton } from '../../ui/IconButton';
import { Popover } from '../../ui/overlay/Popover';

const EmojiPicker = lazy(() => import('../../ui/emoji/EmojiPicker').then((m) => ({ default: m.EmojiPicker })));

export function EmojiButton({ onChoose }: { onChoose: (emoji: string) => void }) {
  const words = useWords();
  const [anchor, setAnchor] = useState<HTMLElement>();
  return (
    <>
      <IconButton
        label={words.room.emoji}
        aria-haspopup="dialog"
        aria-expanded={anchor !== undefined}
        onClick={(event) => setAnchor(anchor ? undefined : event.currentTarget)}
      >
        <Smile className="i i-18" />
      </IconButton>
      {anchor && (
        <Popover anchor={anchor} label={words.room.emoji} onClose={() => setAnchor(undefined)}>
          <Suspense fallback={<div className="emoji" />}>
            <EmojiPicker
              onChoose={(emoji) => {
                setAnchor(undefined);
                onChoose(emoji);
              }}
            />
          </Suspense>
        </Popover>
      )}
    </>
  );
}
