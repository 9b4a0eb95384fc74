/** The newest pictures among the messages that are loaded. */
import { useMemo } from 'react';
import { useLanguage } from '../../lib/i18n';
import { useChatState } from '../../realtime/hooks/use-chat-state';

const PICTURES_MAX = 6;

export function Pictures({ roomId, onJump }: { roomId: string; onJump: (messageId: string) => void }) {
  const { words } = useLanguage();
  const timeline = useChatState((state) => state.timelines[roomId]);
  const users = useChatState((state) => state.users);
  const pictures = useMemo(
    () =>
      (timeline?.messages ?? [])
        .filter((m) => m.imageUrl && !m.deletedAt)
        .slice(-PICTURES_MAX)
        .reverse(),
    [timeline],
  );
  if (pictures.length === 0) return null;
  return (
    <>
      <h3 className="pictures-head">{words.details.pictures}</h3>
      <div className="pictures">
        {pictures.map((message) => (
          <button
            key={message.id}
            type="button"
            className="att"
            aria-label={words.room.pictureBy(users[message.senderId]?.displayName ?? '…')}
            onClick={() => onJump(message.id)}
          >
            <img src={message.imageUrl} alt="" loading="lazy" />
          </button>
        ))}
      </div>
    </>
  );
}
