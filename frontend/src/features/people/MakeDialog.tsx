/** A new group, or a new public or private room. */
import { type FormEvent, useId, useState } from 'react';
import type { CreateRoom, HistoryVisibility } from '../../api/contract';
import { explain } from '../../api/explain';
import { Rejected } from '../../api/problem';
import { paths } from '../../lib/browser/paths';
import { navigate } from '../../lib/browser/route';
import { useWords } from '../../lib/i18n';
import { useRoomActions } from '../../realtime/hooks/use-actions';
import { Field } from '../../ui/Field';
import { Dialog } from '../../ui/overlay/Dialog';
import { type Chip, markUnknown, PeopleField } from './PeopleField';

type Props = { what: 'group' | 'room'; onClose: () => void };

export function MakeDialog({ what, onClose }: Props) {
  const words = useWords();
  const t = words.group;
  const { create } = useRoomActions();
  const form = useId();
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [chips, setChips] = useState<readonly Chip[]>([]);
  const [open, setOpen] = useState(what === 'room');
  const [history, setHistory] = useState<HistoryVisibility>('all');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<{ field?: string; text: string }>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const kind = open ? 'public' : what === 'room' ? 'private' : 'group';
    if (kind !== 'group' && name.trim() === '') return setError({ field: 'name', text: words.problem.required });
    if (kind === 'group' && chips.length === 0) return setError({ field: 'members', text: t.needPeople });
    setBusy(true);
    setError(undefined);
    const body: CreateRoom = {
      kind,
      members: chips.map((chip) => chip.user?.id ?? chip.key),
      history,
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      ...(topic.trim() === '' ? {} : { topic: topic.trim() }),
    };
    try {
      const room = await create(body);
      onClose();
      navigate(paths.room(room.id));
    } catch (problem) {
      setBusy(false);
      if (problem instanceof Rejected && problem.problem.code === 'userNotFound') {
        setChips(markUnknown(chips, problem.problem.detail));
      } else setError(explain(problem, words));
    }
  };
  const dirty = name !== '' || topic !== '' || chips.length > 0;
  const isRoom = what === 'room';
  return (
    <Dialog
      title={isRoom ? t.roomTitle : t.title}
      onClose={onClose}
      dirty={dirty}
      foot={
        <>
          <span className="muted foot-text">{t.count(chips.length)}</span>
          <span className="end">
            <button type="button" className="btn" onClick={onClose}>
              {words.common.cancel}
            </button>
            <button type="submit" form={form} className="btn primary" disabled={busy}>
              {isRoom || open ? t.createRoom : t.create}
            </button>
          </span>
        </>
      }
    >
      <form className="dlg-body" id={form} onSubmit={submit} noValidate>
        <Field
          label={isRoom || open ? t.name : t.nameOptional}
          value={name}
          maxLength={80}
          autoComplete="off"
          error={error?.field === 'name' ? error.text : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        {isRoom && (
          <Field
            label={t.topic}
            value={topic}
            maxLength={250}
            autoComplete="off"
            onChange={(event) => setTopic(event.target.value)}
          />
        )}
        <PeopleField
          chips={chips}
          onChange={setChips}
          error={error && error.field !== 'name' ? error.text : undefined}
        />
        <Choices
          label={t.who}
          options={[
            { on: !open, title: t.onlyThem, text: t.onlyThemText, choose: () => setOpen(false) },
            { on: open, title: t.everyone, text: t.everyoneText, choose: () => setOpen(true) },
          ]}
        />
        {!open && (
          <Choices
            label={t.history}
            options={[
              { on: history === 'all', title: t.historyAll, text: t.historyAllText, choose: () => setHistory('all') },
              {
                on: history === 'sinceJoined',
                title: t.historyJoined,
                text: t.historyJoinedText,
                choose: () => setHistory('sinceJoined'),
              },
            ]}
          />
        )}
      </form>
    </Dialog>
  );
}

type Option = { on: boolean; title: string; text: string; choose: () => void };

function Choices({ label, options }: { label: string; options: readonly Option[] }) {
  const id = useId();
  return (
    <fieldset className="field">
      <legend className="label">{label}</legend>
      <div className="choices">
        {options.map((option) => (
          <label className="choice" key={option.title}>
            <input type="radio" className="radio" name={id} checked={option.on} onChange={option.choose} />
            <span>
              <b>{option.title}</b>
              <span className="choice-text">{option.text}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
