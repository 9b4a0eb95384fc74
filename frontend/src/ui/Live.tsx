/** Announces a text to screen readers only. */
/** Screen readers announce a repeated text only if something differs: `nth` counts. */
export function Live(props: { text: string; nth?: number }) {
  return (
    <div className="sr" role="status" aria-live="polite">
      {props.text}
      {(props.nth ?? 0) % 2 === 1 && '\u00a0'}
    </div>
  );
}
