/** Where messages are written. Enter sends, but never while an input method is composing. */
import { type KeyboardEvent, useEffect, useId, useRef } from 'react';
import { flushSync } from 'react-dom';
import type { Message } from '../../api/contract';
import { useWords } from '../../lib/i18n';
import { langProps } from '../../lib/text/lang';
import { useCompose, useDrafts, useTyping } from '../../realtime/hooks/use-actions';
import { PersonOptions } from '../../ui/PersonOptions';
import { AttachButton } from './AttachButton';
import { AttachmentBar } from './AttachmentBar';
import { imagesOf, useAttach } from './attachments';
import { EditBar, ReplyBar } from './ContextBar';
import { EmojiButton } from './EmojiButton';
import { SendButton } from './SendButton';
import { useComposer } from './use-composer';
import { useField } from './use-field';
import { useMention } from './use-mention';

type Props = {
  roomId: string;
  title: string;
  source: Message | undefined;
  onEditLast: () => void;
  onEscape: () => void;
};

export function Composer({ roomId, title, source, onEditLast, onEscape }: Props) {
  const words = useWords();
  const drafts = useDrafts();
  const { detach } = useCompose();
  const attach = useAttach(roomId);
  const typing = useTyping();
  const area = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const id = useId();
  const composer = useComposer(roomId);
  const { draft, editing, text, over, ready } = composer;
  const change = (next: string, at: number) => {
    composer.write(next);
    mention.typed(at);
  };
  /** At once, so that typing does not wait for a frame. */
  const put = (next: string, at: number) => {
    flushSync(() => change(next, at));
    area.current?.setSelectionRange(at, at);
  };
  const mention = useMention(roomId, text, put);
  useField(area, composer);
  // The user may continue on another device.
  useEffect(() => drafts.left, [drafts]);

  const insert = (piece: string) => {
    const at = area.current?.selectionStart ?? text.length;
    put(text.slice(0, at) + piece + text.slice(area.current?.selectionEnd ?? at), at + piece.length);
    area.current?.focus();
  };
  const submit = () => {
    composer.submit();
    if (ready && !editing) mention.moved(0);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Safari ends the composition before its key event; 229 says that it belonged to it.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (mention.onKeyDown(event)) return;
    const command = event.ctrlKey || event.metaKey;
    if (event.key === 'Escape') {
      if (editing) composer.stopEdit();
      else if (draft.replyTo) composer.stopReply();
      else onEscape();
      return;
    }
    if (event.key === 'Enter' && !event.shiftKey && !command) submit();
    else if (event.key === 'ArrowUp' && text === '' && !editing) onEditLast();
    else if (event.key.toLowerCase() === 'u' && command) picker.current?.click();
    else return;
    event.preventDefault();
  };

  const label = editing ? words.room.editing : words.room.composer(title);
  const listed = mention.matches.length > 0;
  return (
    <div className="comp-box">
      <PersonOptions
        id={`${id}-people`}
        className="mention-pop"
        label={words.room.mentionList}
        users={mention.matches}
        query={mention.query}
        at={mention.at}
        onChoose={mention.choose}
      />
      {editing ? (
        <EditBar onStop={composer.stopEdit} />
      ) : (
        draft.replyTo && <ReplyBar source={source} onStop={composer.stopReply} />
      )}
      {!editing && <AttachmentBar items={composer.images} onDrop={(clientId) => detach(roomId, clientId)} />}
      <div className="comp-line">
        <AttachButton picker={picker} disabled={editing !== undefined} onFiles={attach} />
        <textarea
          ref={area}
          id="composer"
          className="in"
          rows={1}
          value={text}
          placeholder={label}
          aria-label={label}
          aria-invalid={over > 0 ? true : undefined}
          aria-describedby={over > 0 ? `${id}-over` : undefined}
          aria-autocomplete="list"
          aria-controls={listed ? `${id}-people` : undefined}
          aria-activedescendant={listed ? `${id}-people-${mention.at}` : undefined}
          enterKeyHint="send"
          dir="auto"
          {...langProps(text)}
          onChange={(event) => {
            change(event.target.value, event.target.selectionStart);
            if (!editing && event.target.value !== '') typing(roomId);
          }}
          onBlur={drafts.left}
          onSelect={(event) => mention.moved(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const images = imagesOf(event.clipboardData);
            if (images.length === 0 || editing) return;
            event.preventDefault();
            void attach(images);
          }}
        />
        <EmojiButton onChoose={insert} />
        <SendButton ready={ready} onSend={submit} />
      </div>
      {over > 0 && (
        <p className="over num" id={`${id}-over`}>
          {words.room.tooLong(over)}
        </p>
      )}
    </div>
  );
}
