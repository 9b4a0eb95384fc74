/** What both forms of the landing page begin and end with. */
import { CircleAlert } from 'lucide-react';
import { Link } from '../../ui/Link';

/** The title, and the way to the other form. */
export function FormHead(props: { title: string; question: string; to: string; other: string }) {
  return (
    <>
      <h2 className="land-h">{props.title}</h2>
      <p className="t2 land-alt">
        {props.question}
        <Link to={props.to} className="strong">
          {props.other}
        </Link>
      </p>
    </>
  );
}

/** What is wrong with the form as a whole. */
export function FormError({ text }: { text: string | undefined }) {
  if (!text) return null;
  return (
    <p className="form-error" role="alert">
      <CircleAlert className="i" aria-hidden="true" />
      {text}
    </p>
  );
}
