/** One of several ways to go on: an icon, what it is called, and what it does. */
import { ChevronRight, type LucideIcon } from 'lucide-react';
import { Link } from '../../ui/Link';

type Props = { icon: LucideIcon; title: string; text: string } & ({ to: string } | { onClick: () => void });

export function ChoiceRow(props: Props) {
  const { icon: Icon, title, text } = props;
  const body = (
    <>
      <Icon className="i i-20" aria-hidden="true" />
      <span className="grow">
        <b>{title}</b>
        <span className="muted fr-text">{text}</span>
      </span>
      <ChevronRight className="i" aria-hidden="true" />
    </>
  );
  if ('to' in props) {
    return (
      <Link to={props.to} className="fr">
        {body}
      </Link>
    );
  }
  return (
    <button type="button" className="fr" onClick={props.onClick}>
      {body}
    </button>
  );
}
