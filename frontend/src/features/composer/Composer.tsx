/** Where messages are written. Enter sends, but never while an input method is composing. */
import { ArrowUp, Paperclip, Plus, Smile } from 'lucide-react';
import { type KeyboardEvent, lazy, Suspense, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { Message, User } from '../../api/contract';
import { explain } from '../../api/explain';
import { useWords } from '../../lib/i18n';
import { langProps } from '../../lib/lang';
import { PHONE, TOUCH, useMedia } from '../../lib/media';
import { CHARS_MAX, type DraftImage, NO_DRAFT } from '../../model/draft';
import { insertMention, openMention } from '../../model/mention';
import { useChanges, useCompose, useDrafts, useNotify, useTyping } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { IconButton } from '../../ui/IconButton';
import { Popover } from '../../ui/Popover';
import { AttachmentBar } from './AttachmentBar';
import { imagesOf, useAttach } from './attachments';
import { EditBar, ReplyBar } from './ContextBar';
import { MentionList, useMentionMatches } from './MentionList';

const EmojiPicker = lazy(() => import('../../ui/EmojiPicker').then((m) => ({ default: m.EmojiPicker })));

const HEIGHT_SHARE = 0.4;
const NO_IMAGES: readonly DraftImage[] = [];

type Props = {
  roomId: string;
  title: string;
  source: Message | undefined;
  onEditLast: () => void;
  onEscape: () => void;
};

export function Composer(props: Props) {
  const { roomId, title, source, onEditLast, onEscape } = props;
  const words = useWords();
  const drafts = useDrafts();
  const { edit } = useChanges();
  const { sendDraft, detach } = useCompose();
  const notify = useNotify();
  const typing = useTyping();
  const draft = useChatState((state) => state.drafts[roomId]) ?? NO_DRAFT;
  const { edit: editing, images = NO_IMAGES } = draft;
  const attach = useAttach(roomId);
  const phone = useMedia(PHONE);
  const area = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState(0);
  const [choice, setChoice] = useState(0);
  const [closed, setClosed] = useState(false);
  const [emojiAt, setEmojiAt] = useState<HTMLElement>();
  const id = useId();

  const text = editing ? editing.text : draft.text;
  const mention = closed ? undefined : openMention(text, caret);
  const matches = useMentionMatches(roomId, mention);
  const over = [...text].length - CHARS_MAX;
  const ready = over <= 0 && (text.trim() !== '' || (!editing && images.length > 0));

  const editedId = editing?.message.id;
  useEffect(() => {
    const el = area.current;
    if (editedId === undefined || !el) return;
    el.focus();
    el.setSelectionRange(el.value.length, el.value.length);
  }, [editedId]);
  // Whoever opens a room writes in it, and goes on at the end; a touch would bring up the keyboard.
  useEffect(() => {
    const el = area.current;
    el?.setSelectionRange(el.value.length, el.value.length);
    if (!matchMedia(TOUCH).matches) el?.focus({ preventScroll: true });
  }, []);
  // Whoever goes elsewhere may go on at another device.
  useEffect(() => drafts.left, [drafts]);
  useEffect(() => {
    if (draft.replyTo) area.current?.focus();
  }, [draft.replyTo]);
  // The height follows the text.
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every other text
  useLayoutEffect(() => {
    const el = area.current;
    if (!el) return;
    el.style.height = 'auto';
    el.style.height = `${Math.min(el.scrollHeight, innerHeight * HEIGHT_SHARE)}px`;
  }, [text]);

  const change = (next: string, at: number) => {
    drafts.change(roomId, editing ? { edit: { ...editing, text: next } } : { text: next });
    setCaret(at);
    setChoice(0);
    setClosed(false);
  };
  const stopEdit = () => drafts.change(roomId, { edit: undefined });
  const stopReply = () => drafts.change(roomId, { replyTo: undefined });
  /** At once: whoever types on does not wait for a frame. */
  const put = (next: string, at: number) => {
    flushSync(() => change(next, at));
    area.current?.setSelectionRange(at, at);
  };
  const insert = (piece: string) => {
    const at = area.current?.selectionStart ?? text.length;
    put(text.slice(0, at) + piece + text.slice(area.current?.selectionEnd ?? at), at + piece.length);
    area.current?.focus();
  };
  const choose = (user: User) => {
    if (!mention) return;
    const next = insertMention(text, caret, mention, user.username);
    put(next.text, next.caret);
  };
  /** Shown at once. Where it is not stored, the text comes back; whoever writes something else by then is asked. */
  const alter = (message: Message, next: string) => {
    stopEdit();
    if (next === message.content) return;
    edit(message, next).catch((error) => {
      const now = drafts.get(roomId);
      const again = () => drafts.change(roomId, { edit: { message, text: next } });
      const free = now.text === '' && now.edit === undefined;
      notify(`${words.act.notChanged}${words.common.space}${explain(error, words).text}`, {
        bad: true,
        ...(free ? {} : { action: { label: words.state.edit, run: again } }),
      });
      if (free) again();
    });
  };
  const submit = () => {
    if (!ready) return;
    if (editing) return alter(editing.message, text.trim());
    sendDraft(roomId);
    setCaret(0);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Safari ends the composition before it tells of the key; 229 says that it belonged to it.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (matches.length > 0 && onMentionKey(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'ArrowUp' && text === '' && !editing) {
      event.preventDefault();
      onEditLast();
    } else if (event.key === 'Escape') {
      if (editing) stopEdit();
      else if (draft.replyTo) stopReply();
      else onEscape();
    } else if (event.key.toLowerCase() === 'u' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      picker.current?.click();
    }
  };
  const onMentionKey = (event: KeyboardEvent): boolean => {
    const chosen = matches[choice];
    if (event.key === 'ArrowDown') setChoice((choice + 1) % matches.length);
    else if (event.key === 'ArrowUp') setChoice((choice - 1 + matches.length) % matches.length);
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) choose(chosen);
    else if (event.key === 'Escape') setClosed(true);
    else return false;
    event.preventDefault();
    return true;
  };

  const label = editing ? words.room.editing : words.room.composer(title);
  return (
    <div className="comp-box">
      {matches.length > 0 && mention && (
        <MentionList id={`${id}-people`} users={matches} query={mention.query} at={choice} onChoose={choose} />
      )}
      {editing ? <EditBar onStop={stopEdit} /> : draft.replyTo && <ReplyBar source={source} onStop={stopReply} />}
      {!editing && <AttachmentBar items={images} onDrop={(clientId) => detach(roomId, clientId)} />}
      <div className="comp-line">
        <input
          ref={picker}
          type="file"
          accept="image/png,image/jpeg,image/gif,image/webp"
          multiple
          hidden
          data-testid="attach"
          onChange={(event) => {
            void attach([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
        <IconButton label={words.room.attach} disabled={editing !== undefined} onClick={() => picker.current?.click()}>
          {phone ? <Plus className="i i-20" /> : <Paperclip className="i i-18" />}
        </IconButton>
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
          aria-controls={matches.length > 0 ? `${id}-people` : undefined}
          aria-activedescendant={matches.length > 0 ? `${id}-people-${choice}` : undefined}
          enterKeyHint="send"
          dir="auto"
          {...langProps(text)}
          onChange={(event) => {
            change(event.target.value, event.target.selectionStart);
            if (!editing && event.target.value !== '') typing(roomId);
          }}
          onBlur={drafts.left}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const images = imagesOf(event.clipboardData);
            if (images.length === 0 || editing) return;
            event.preventDefault();
            void attach(images);
          }}
        />
        <IconButton
          label={words.room.emoji}
          aria-haspopup="dialog"
          aria-expanded={emojiAt !== undefined}
          onClick={(event) => setEmojiAt(emojiAt ? undefined : event.currentTarget)}
        >
          <Smile className="i i-18" />
        </IconButton>
        <button
          type="button"
          className={ready ? 'send on' : 'send'}
          aria-label={words.room.send}
          aria-disabled={!ready}
          onMouseDown={(event) => event.preventDefault()}
          onClick={submit}
        >
          <ArrowUp className="i i-18" aria-hidden="true" />
        </button>
      </div>
      {over > 0 && (
        <p className="over num" id={`${id}-over`}>
          {words.room.tooLong(over)}
        </p>
      )}
      {emojiAt && (
        <Popover anchor={emojiAt} label={words.room.emoji} onClose={() => setEmojiAt(undefined)}>
          <Suspense fallback={<div className="emoji" />}>
            <EmojiPicker
              onChoose={(emoji) => {
                setEmojiAt(undefined);
                insert(emoji);
              }}
            />
          </Suspense>
        </Popover>
      )}
    </div>
  );
}
