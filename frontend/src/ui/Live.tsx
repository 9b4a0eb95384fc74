/** Says something to screen readers only. */
/** The same words said again are only heard where something is another: `nth` counts. */
export function Live(props: { text: string; nth?: number }) {
  return (
    <div className="sr" role="status" aria-live="polite">
      {props.text}
      {(props.nth ?? 0) % 2 === 1 && '\u00a0'}
    </div>
  );
}
