/** The logo. */
export function Mark(props: { size?: number }) {
  const size = props.size ?? 24;
  return (
    <svg className="mark" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <g fill="currentColor">
        <circle cx="12" cy="7" r="5" />
        <circle cx="6.6" cy="16.4" r="5" />
        <circle cx="17.4" cy="16.4" r="5" opacity=".55" />
      </g>
    </svg>
  );
}
