/** Changes a room's name and topic. */
import { type FormEvent, useId, useState } from 'react';
import type { Room } from '../../api/contract';
import { explain } from '../../api/explain';
import { useWords } from '../../lib/i18n';
import { useRoomActions } from '../../realtime/hooks/use-actions';
import { Field } from '../../ui/Field';
import { Dialog } from '../../ui/overlay/Dialog';

export function RenameDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const words = useWords();
  const rooms = useRoomActions();
  const form = useId();
  const [name, setName] = useState(room.name ?? '');
  const [topic, setTopic] = useState(room.topic ?? '');
  const [error, setError] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const change = {
      ...(name.trim() === '' || name.trim() === room.name ? {} : { name: name.trim() }),
      ...(topic.trim() === (room.topic ?? '') ? {} : { topic: topic.trim() }),
    };
    try {
      if (Object.keys(change).length > 0) await rooms.change(room.id, change);
      onClose();
    } catch (problem) {
      setError(explain(problem, words).text);
    }
  };
  return (
    <Dialog
      title={words.details.rename}
      onClose={onClose}
      dirty={name !== (room.name ?? '') || topic !== (room.topic ?? '')}
      foot={
        <span className="end">
          <button type="button" className="btn" onClick={onClose}>
            {words.common.cancel}
          </button>
          <button type="submit" form={form} className="btn primary">
            {words.common.save}
          </button>
        </span>
      }
    >
      <form className="dlg-body" id={form} onSubmit={submit} noValidate>
        <Field
          label={words.group.name}
          value={name}
          maxLength={80}
          error={error}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={words.group.topic}
          value={topic}
          maxLength={250}
          onChange={(event) => setTopic(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
