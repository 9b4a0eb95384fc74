/** The frame of a row: who, when, what, its state, and its tools where it is looked at. */
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import type { Member, Message } from '../../../api/contract';
import { useLanguage } from '../../../lib/i18n';
import { langProps } from '../../../lib/text/lang';
import { clock, dateAndClock } from '../../../lib/text/time';
import type { Row } from '../../../model/timeline/row';
import { Avatar } from '../../../ui/Avatar';
import { useRows } from '../context';

export type RowProps = {
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

export function Frame(props: {
  base: RowProps;
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
