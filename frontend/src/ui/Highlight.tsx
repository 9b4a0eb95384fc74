/** A text in which what was searched for stands out. */
import { langProps } from '../lib/text/lang';

export function Highlight(props: { text: string; query: string }) {
  const { text, query } = props;
  const at = query === '' ? -1 : text.toLowerCase().indexOf(query.toLowerCase());
  if (at < 0) return <span {...langProps(text)}>{text}</span>;
  return (
    <span {...langProps(text)}>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + query.length)}</mark>
      {text.slice(at + query.length)}
    </span>
  );
}
