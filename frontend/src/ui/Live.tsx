/** Says something to screen readers only. */
export function Live(props: { text: string }) {
  return (
    <div className="sr" role="status" aria-live="polite">
      {props.text}
    </div>
  );
}
