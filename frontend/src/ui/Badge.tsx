/** Counts: grey for unread, accent for what is meant for me. */
const LABEL_MAX = 99;

export function Badge(props: { count: number; mine?: boolean }) {
  if (props.count <= 0) return null;
  const label = props.count > LABEL_MAX ? `${LABEL_MAX}+` : String(props.count);
  return (
    <span className={props.mine ? 'badge at' : 'badge'} aria-hidden="true">
      {label}
    </span>
  );
}
