/** The pictures that go with the message. */
import { X } from 'lucide-react';
import { useWords } from '../../lib/i18n';
import { bytesLabel } from '../../lib/text/time';
import type { DraftImage } from '../../model/draft';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { usePicture } from '../../realtime/hooks/use-picture';

export function AttachmentBar(props: { items: readonly DraftImage[]; onDrop: (clientId: string) => void }) {
  if (props.items.length === 0) return null;
  return (
    <div className="comp-atts">
      {props.items.map((item) => (
        <One key={item.clientId} item={item} onDrop={props.onDrop} />
      ))}
    </div>
  );
}

function One({ item, onDrop }: { item: DraftImage; onDrop: (clientId: string) => void }) {
  const words = useWords();
  // Of a draft from last time nothing is uploaded yet: that comes when it is sent.
  const share = useChatState((state) => state.progress[item.clientId]) ?? 1;
  const url = usePicture(item.clientId);
  const done = share >= 1;
  const bytes = bytesLabel(item.bytes);
  return (
    <div className="comp-one">
      <span className="comp-att">
        {url && <img src={url} alt="" />}
        <button type="button" className="x" aria-label={words.room.removePicture} onClick={() => onDrop(item.clientId)}>
          <X className="i i-14" />
        </button>
      </span>
      <div className="comp-file">
        <div className="strong trunc">{item.name}</div>
        <div className="muted num">{done ? bytes : words.room.ofBytes(bytesLabel(item.bytes * share), bytes)}</div>
        <div className={`comp-prog${done ? ' done' : ''}`}>
          <div style={{ width: `${Math.round(share * 100)}%` }} />
        </div>
      </div>
    </div>
  );
}
