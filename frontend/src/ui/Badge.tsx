/** Counts: grey for unread, accent for what is meant for me. */
import { countLabel } from '../lib/text/count';

export function Badge(props: { count: number; mine?: boolean }) {
  if (props.count <= 0) return null;
  return (
    <span className={props.mine ? 'badge at' : 'badge'} aria-hidden="true">
      {countLabel(props.count)}
    </span>
  );
}
