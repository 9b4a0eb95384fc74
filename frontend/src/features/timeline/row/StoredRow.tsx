/** A message that the server has. */
import { Ban } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import type { Message } from '../../../api/contract';
import { useLanguage } from '../../../lib/i18n';
import { plain } from '../../../lib/text/plain';
import { clock, dateAndClock } from '../../../lib/text/time';
import { useHeldPicture } from '../../../realtime/hooks/use-picture';
import { useRows } from '../context';
import { Markdown } from '../markdown/Markdown';
import { deletedText } from './describe';
import { Frame, type RowProps } from './Frame';
import { Picture } from './Picture';
import { Quote } from './Quote';
import { Reactions } from './Reactions';
import { SentState } from './State';
import { Tools } from './Tools';

export function StoredRow(props: RowProps & { message: Message }) {
  const { message, faces, newestMine, passed, active, source } = props;
  const { words, locale } = useLanguage();
  const rows = useRows();
  const [menuOpen, setMenuOpen] = useState(false);
  const mine = message.senderId === rows.me.id;
  const gone = message.deletedAt !== undefined;
  const name = rows.nameOf(message.senderId);
  const text = gone ? deletedText(words, mine, name, rows.direct) : plain(message.content);
  const local = useHeldPicture(mine ? message.clientId : undefined);
  const label = [name, clock(message.createdAt), text || words.room.picture, mine && !gone ? words.state.sent : '']
    .filter(Boolean)
    .join(', ');
  const forMe = !gone && message.mentions?.includes(rows.me.id) === true && !mine;
  const edited = message.editedAt !== undefined && (
    <span className="ed" title={words.state.editedAt(dateAndClock(message.editedAt, locale))}>
      {words.state.edited}
    </span>
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (
      event.target !== event.currentTarget ||
      gone ||
      !rows.mayWrite ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey
    )
      return;
    const key = event.key.toLowerCase();
    if (key === 'r') rows.reply(message);
    else if (key === 'e' && mine) rows.edit(message);
    else if (key === '+') rows.pickReaction(message, event.currentTarget as HTMLElement);
    else if (event.key === 'Delete' && (mine || rows.mayModerate)) rows.askDelete(message);
    else return;
    event.preventDefault();
  };
  return (
    <Frame
      base={props}
      classes={forMe ? 'at' : ''}
      label={label}
      hold={menuOpen}
      onKeyDown={onKeyDown}
      state={mine && !gone && <SentState faces={faces} newest={newestMine} quiet={passed} />}
      tools={!gone && rows.mayWrite && <Tools message={message} onOpen={setMenuOpen} />}
    >
      {message.replyTo && !gone && (
        <Quote id={message.replyTo} source={source} tabIndex={active ? 0 : -1} onJump={rows.jump} />
      )}
      {gone ? (
        <p className="gone">
          <Ban className="i i-14" aria-hidden="true" />
          {text}
        </p>
      ) : (
        <>
          {message.content !== '' && <Markdown text={message.content} names={rows.names} after={edited} />}
          {message.imageUrl && (
            <Picture
              url={local ?? message.imageUrl}
              size={message.imageSize}
              label={words.room.pictureBy(name)}
              id={props.row.key}
              tabIndex={active ? 0 : -1}
            />
          )}
          <Reactions
            message={message}
            meId={rows.me.id}
            nameOf={rows.nameOf}
            tabIndex={active ? 0 : -1}
            onToggle={(emoji, on) => rows.react(message, emoji, on)}
            onAdd={(anchor) => rows.pickReaction(message, anchor)}
          />
        </>
      )}
    </Frame>
  );
}
