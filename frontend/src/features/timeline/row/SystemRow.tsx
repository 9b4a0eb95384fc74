/** What happened to the room, in a sentence. */
import type { Message } from '../../../api/contract';
import { useLanguage } from '../../../lib/i18n';
import { langProps } from '../../../lib/text/lang';
import { clock } from '../../../lib/text/time';
import { useRows } from '../context';
import { systemText } from './describe';
import type { RowProps } from './Frame';

export function SystemRow(props: RowProps & { message: Message }) {
  const { words } = useLanguage();
  const { nameOf, direct } = useRows();
  const text = systemText(props.message, words, nameOf, direct);
  return (
    <article
      className="msg system"
      data-row={props.row.key}
      tabIndex={props.active ? 0 : -1}
      onFocus={() => props.onFocus(props.row.key)}
      aria-label={text}
    >
      <p className="sys" {...langProps(text)}>
        {text}
        <time dateTime={props.message.createdAt}>{clock(props.message.createdAt)}</time>
      </p>
    </article>
  );
}
