/** Adds members to an existing room. */
import { type FormEvent, useId, useMemo, useState } from 'react';
import { explain } from '../../api/explain';
import { Rejected } from '../../api/problem';
import { useWords } from '../../lib/i18n';
import { useRoomActions } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Dialog } from '../../ui/overlay/Dialog';
import { type Chip, markUnknown, PeopleField } from './PeopleField';

export function AddDialog({ roomId, onClose }: { roomId: string; onClose: () => void }) {
  const words = useWords();
  const { addMembers } = useRoomActions();
  const form = useId();
  const members = useChatState((state) => state.members[roomId]);
  const there = useMemo(() => new Set(members?.map((member) => member.user.id)), [members]);
  const [chips, setChips] = useState<readonly Chip[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (chips.length === 0) return;
    setBusy(true);
    try {
      await addMembers(
        roomId,
        chips.map((chip) => chip.user?.id ?? chip.key),
      );
      onClose();
    } catch (problem) {
      setBusy(false);
      if (problem instanceof Rejected && problem.problem.code === 'userNotFound') {
        setChips(markUnknown(chips, problem.problem.detail));
      } else setError(explain(problem, words).text);
    }
  };
  return (
    <Dialog
      title={words.group.addTitle}
      onClose={onClose}
      dirty={chips.length > 0}
      foot={
        <span className="end">
          <button type="button" className="btn" onClick={onClose}>
            {words.common.cancel}
          </button>
          <button type="submit" form={form} className="btn primary" disabled={busy || chips.length === 0}>
            {words.group.addButton}
          </button>
        </span>
      }
    >
      <form className="dlg-body tall" id={form} onSubmit={submit} noValidate>
        <PeopleField chips={chips} onChange={setChips} except={there} error={error} />
      </form>
    </Dialog>
  );
}
