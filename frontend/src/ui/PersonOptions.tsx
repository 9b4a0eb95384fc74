/** A list of people to choose from, for a field that keeps the focus. */
import { Avatar, type AvatarUser, type Dot } from './Avatar';
import { Highlight } from './Highlight';

type Person = AvatarUser & { readonly username: string };

type Props<P extends Person> = {
  id: string;
  label: string;
  className?: string;
  users: readonly P[];
  /** What stands out in the names. */
  query: string;
  /** The index of the one that Enter takes. */
  at: number;
  /** Beside it, what Enter does. */
  hint?: string;
  dotOf?: (id: string) => Dot | undefined;
  onHover?: (index: number) => void;
  onChoose: (user: P) => void;
};

export function PersonOptions<P extends Person>(props: Props<P>) {
  const { id, label, className, users, query, at, hint, dotOf, onHover, onChoose } = props;
  if (users.length === 0) return null;
  return (
    <div className={className ? `list-pop ${className}` : 'list-pop'} id={id} role="listbox" aria-label={label}>
      {users.map((user, i) => (
        <div
          key={user.id}
          id={`${id}-${i}`}
          role="option"
          tabIndex={-1}
          aria-selected={i === at}
          className={`opt${i === at ? ' on' : ''}`}
          onMouseMove={() => onHover?.(i)}
          onMouseDown={(event) => {
            event.preventDefault();
            onChoose(user);
          }}
        >
          <Avatar user={user} size={28} dot={dotOf?.(user.id)} />
          <span className="trunc">
            <Highlight text={user.displayName} query={query} />{' '}
            <span className="muted">
              <Highlight text={user.username} query={query} />
            </span>
          </span>
          {hint && i === at && (
            <span className="hint">
              {hint}
              <kbd>Enter</kbd>
            </span>
          )}
        </div>
      ))}
    </div>
  );
}
