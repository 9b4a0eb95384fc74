/** What can be done with a message; shown where the pointer or the focus is. */
import { Copy, Ellipsis, Pencil, Reply, SmilePlus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Message } from '../../../api/contract';
import { useWords } from '../../../lib/i18n';
import { IconButton } from '../../../ui/IconButton';
import { Menu, type MenuItem } from '../../../ui/overlay/Menu';
import { useRows } from '../context';
import { useCopy } from './use-copy';

export function Tools(props: { message: Message; onOpen: (open: boolean) => void }) {
  const { message, onOpen } = props;
  const words = useWords();
  const rows = useRows();
  const [menu, setMenu] = useState<HTMLElement>();
  const mine = message.senderId === rows.me.id;
  const mayDelete = mine || rows.mayModerate;
  const copyText = useCopy();
  const copy = () => copyText(message.content);
  const items: MenuItem[] = [];
  if (message.content !== '') items.push({ label: words.act.copyText, icon: <Copy className="i" />, run: copy });
  if (mine) items.push({ label: words.act.edit, icon: <Pencil className="i" />, run: () => rows.edit(message) });
  if (mayDelete) {
    const run = () => rows.askDelete(message);
    items.push({ label: words.act.remove, icon: <Trash2 className="i" />, danger: true, run });
  }
  return (
    <div className="tools" role="toolbar" aria-label={words.act.messageActions}>
      <IconButton label={words.act.react} onClick={(event) => rows.pickReaction(message, event.currentTarget)}>
        <SmilePlus className="i" />
      </IconButton>
      <IconButton label={words.act.reply} onClick={() => rows.reply(message)}>
        <Reply className="i" />
      </IconButton>
      {mine ? (
        <IconButton label={words.act.edit} onClick={() => rows.edit(message)}>
          <Pencil className="i" />
        </IconButton>
      ) : (
        message.content !== '' && (
          <IconButton label={words.act.copy} onClick={copy}>
            <Copy className="i" />
          </IconButton>
        )
      )}
      {items.length > 0 && (
        <IconButton
          label={words.act.more}
          aria-haspopup="menu"
          aria-expanded={menu !== undefined}
          onClick={(event) => {
            setMenu(event.currentTarget);
            onOpen(true);
          }}
        >
          <Ellipsis className="i" />
        </IconButton>
      )}
      {menu && (
        <Menu
          anchor={menu}
          label={words.act.messageActions}
          items={items}
          onClose={() => {
            setMenu(undefined);
            onOpen(false);
          }}
        />
      )}
    </div>
  );
}
