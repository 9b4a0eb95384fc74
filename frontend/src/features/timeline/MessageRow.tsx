/** One message, stored or not. Its height is the same in every state of sending. */
import { Ban } from 'lucide-react';
import { type KeyboardEvent, memo, type ReactNode, useState } from 'react';
import type { Member, Message } from '../../api/contract';
import { useLanguage } from '../../lib/i18n';
import { langProps } from '../../lib/lang';
import { plain } from '../../lib/plain';
import { clock, dateAndClock } from '../../lib/time';
import type { Pending } from '../../model/outbox';
import type { Row } from '../../model/timeline/row';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { useHeldPicture, usePicture } from '../../realtime/hooks/use-picture';
import { Avatar } from '../../ui/Avatar';
import { useRows } from './context';
import { deletedText, systemText } from './describe';
import { FailedActions } from './FailedRow';
import { Markdown } from './Markdown';
import { Picture } from './Picture';
import { Quote } from './Quote';
import { Reactions } from './Reactions';
import { isWaiting, PendingMark, SentState } from './State';
import { Tools } from './Tools';

type Props = {
  row: Row;
  source: Message | undefined;
  faces: readonly Member[];
  newestMine: boolean;
  /** A later one of mine is seen, so this one is too: no mark unless looked at. */
  passed: boolean;
  active: boolean;
  lit: boolean;
  connected: boolean;
  onFocus: (key: string) => void;
};

export const MessageRow = memo(function MessageRow(props: Props) {
  const { row } = props;
  if (row.message?.system) return <SystemRow message={row.message} row={row} {...rowProps(props)} />;
  return row.pending ? (
    <PendingRow {...props} pending={row.pending} />
  ) : (
    row.message && <StoredRow {...props} message={row.message} />
  );
});

function rowProps(props: Props): { tabIndex: number; onFocus: () => void } {
  return { tabIndex: props.active ? 0 : -1, onFocus: () => props.onFocus(props.row.key) };
}

function SystemRow(props: { message: Message; row: Row; tabIndex: number; onFocus: () => void }) {
  const { words } = useLanguage();
  const { nameOf, direct } = useRows();
  const text = systemText(props.message, words, nameOf, direct);
  return (
    <article
      className="msg system"
      data-row={props.row.key}
      tabIndex={props.tabIndex}
      onFocus={props.onFocus}
      aria-label={text}
    >
      <p className="sys" {...langProps(text)}>
        {text}
        <time dateTime={props.message.createdAt}>{clock(props.message.createdAt)}</time>
      </p>
    </article>
  );
}

function Frame(props: {
  base: Props;
  classes: string;
  label: string;
  tools?: ReactNode;
  state?: ReactNode;
  children: ReactNode;
  onKeyDown?: (event: KeyboardEvent) => void;
  hold?: boolean;
}) {
  const { base, classes, label, tools, state, children, onKeyDown, hold = false } = props;
  const { row } = base;
  const { users } = useRows();
  const { locale } = useLanguage();
  const [hover, setHover] = useState(false);
  const [focus, setFocus] = useState(false);
  const sender = users[row.senderId];
  const name = sender?.displayName ?? '…';
  const hot = hover || focus || hold;
  return (
    <article
      className={`msg${row.first ? ' first' : ''}${hot ? ' hover' : ''}${base.lit ? ' lit' : ''} ${classes}`}
      data-row={row.key}
      aria-label={label}
      tabIndex={base.active ? 0 : -1}
      onMouseEnter={() => setHover(true)}
      onMouseLeave={() => setHover(false)}
      onFocus={() => {
        setFocus(true);
        base.onFocus(row.key);
      }}
      onBlur={(event) => setFocus(event.currentTarget.contains(event.relatedTarget))}
      onKeyDown={onKeyDown}
    >
      <div className="lead">
        {row.first && sender ? (
          <Avatar user={sender} />
        ) : (
          <time dateTime={row.createdAt} className={hot ? '' : 'hidden'}>
            {clock(row.createdAt)}
          </time>
        )}
      </div>
      <div className="body">
        {row.first && (
          <p className="by">
            <b {...langProps(name)}>{name}</b>
            <time dateTime={row.createdAt} title={dateAndClock(row.createdAt, locale)}>
              {clock(row.createdAt)}
            </time>
          </p>
        )}
        {children}
      </div>
      {state}
      {hot && tools}
    </article>
  );
}

function StoredRow(props: Props & { message: Message }) {
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
          {message.content !== '' && (
            <Markdown text={message.content} names={namesOf(rows.me.username, rows.known)} after={edited} />
          )}
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

const nameCache = new WeakMap<(name: string) => boolean, { me: string; known: (name: string) => boolean }>();

/** The same object for the same people, so that texts are not drawn anew. */
function namesOf(username: string, known: (name: string) => boolean) {
  const me = username.toLowerCase();
  const kept = nameCache.get(known);
  if (kept?.me === me) return kept;
  const names = { me, known };
  nameCache.set(known, names);
  return names;
}

function PendingRow(props: Props & { pending: Pending }) {
  const { pending, connected, source } = props;
  const { words } = useLanguage();
  const rows = useRows();
  const progress = useChatState((state) => state.progress[pending.clientId]);
  const failed = pending.state === 'failed';
  const unfinished = isWaiting(pending, connected) ? words.state.waiting : words.state.sending;
  const stateWord = failed ? words.state.notSent : unfinished;
  const label = [
    words.common.you,
    clock(pending.createdAt),
    plain(pending.content) || words.room.picture,
    stateWord,
  ].join(', ');
  return (
    <Frame
      base={props}
      classes={failed ? 'failed' : 'pending'}
      label={label}
      state={!failed && <PendingMark pending={pending} connected={connected} />}
    >
      {pending.replyTo && <Quote id={pending.replyTo} source={source} tabIndex={-1} onJump={rows.jump} />}
      {pending.content !== '' && <Markdown text={pending.content} names={namesOf(rows.me.username, rows.known)} />}
      {pending.image && (
        <PendingPicture
          id={props.row.key}
          pending={pending}
          {...(progress === undefined || failed ? {} : { progress })}
        />
      )}
      {failed && <FailedActions pending={pending} />}
    </Frame>
  );
}

function PendingPicture(props: { id: string; pending: Pending; progress?: number }) {
  const { id, pending, progress } = props;
  const url = usePicture(pending.clientId);
  return (
    <Picture
      url={url}
      size={pending.image?.size}
      label={pending.image?.name ?? ''}
      id={id}
      {...(progress === undefined ? {} : { progress })}
    />
  );
}
