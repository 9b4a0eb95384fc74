/**
 * A message's text. `marked` cuts it into tokens and we make elements of them: HTML in the text
 * stays text, so nothing that somebody writes can become part of the page.
 */
import type { Token, Tokens } from 'marked';
import { Fragment, memo, type ReactNode } from 'react';
import { langProps } from '../../../lib/text/lang';
import { splitMentions } from '../../../model/mention';
import { lex } from './lex';

/** My username, and whether a name is somebody's; both in lower case. */
export type Names = { readonly me: string; readonly known: (name: string) => boolean };

const SAFE_LINK = /^(https?:|mailto:)/i;

export const Markdown = memo(function Markdown(props: { text: string; names: Names; after?: ReactNode }) {
  const { text, names, after } = props;
  const tokens = lex(text);
  const last = tokens.at(-1);
  const inline = last?.type === 'paragraph';
  return (
    <div className="txt" {...langProps(text)}>
      {tokens.map((token, i) => block(token, i, names, 'auto', inline && token === last ? after : undefined))}
      {!inline && after && <p>{after}</p>}
    </div>
  );
});

/** Each block of a text runs as its first letter does; what is inside it follows. */
function block(token: Token, key: number, names: Names, dir?: 'auto', after?: ReactNode): ReactNode {
  switch (token.type) {
    case 'space':
    case 'def':
    case 'checkbox':
      return null;
    case 'paragraph':
      return (
        <p key={key} dir={dir}>
          {inlines(token.tokens, names)}
          {after && <> {after}</>}
        </p>
      );
    case 'heading':
      return (
        <p key={key} dir={dir}>
          <strong>{inlines(token.tokens, names)}</strong>
        </p>
      );
    case 'code':
      return (
        <pre key={key}>
          <code>{token['text']}</code>
        </pre>
      );
    case 'blockquote':
      return (
        <blockquote key={key} dir={dir}>
          {token.tokens?.map((child, i) => block(child, i, names))}
        </blockquote>
      );
    case 'list':
      return list(token as Tokens.List, key, names, dir);
    case 'hr':
      return <hr key={key} />;
    case 'text':
      return (
        <p key={key} dir={dir}>
          {token.tokens ? inlines(token.tokens, names) : words(token['text'], names)}
        </p>
      );
    case 'table':
      return table(token as Tokens.Table, key, names);
    default:
      return (
        <p key={key} dir={dir}>
          {token.raw}
        </p>
      );
  }
}

function list(token: Tokens.List, key: number, names: Names, dir?: 'auto'): ReactNode {
  const items = token.items.map((item, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a text's parts have no other names
    <li key={i}>
      {item.task && <input type="checkbox" checked={item.checked === true} readOnly disabled />}
      {item.tokens.map((child, j) =>
        child.type === 'text' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <Fragment key={j}>{inlines((child as Tokens.Text).tokens ?? [child], names)}</Fragment>
        ) : (
          block(child, j, names)
        ),
      )}
    </li>
  ));
  return token.ordered ? (
    <ol key={key} dir={dir} start={token.start === '' ? 1 : token.start}>
      {items}
    </ol>
  ) : (
    <ul key={key} dir={dir}>
      {items}
    </ul>
  );
}

function table(token: Tokens.Table, key: number, names: Names): ReactNode {
  return (
    <div className="scroll-x" key={key}>
      <table>
        <thead>
          <tr>
            {token.header.map((cell, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <th key={i}>{inlines(cell.tokens, names)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <tr key={i}>
              {row.map((cell, j) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <td key={j}>{inlines(cell.tokens, names)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inlines(tokens: readonly Token[] | undefined, names: Names): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: as above
  return tokens?.map((token, i) => <Fragment key={i}>{inline(token, names)}</Fragment>);
}

function inline(token: Token, names: Names): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong>{inlines(token.tokens, names)}</strong>;
    case 'em':
      return <em>{inlines(token.tokens, names)}</em>;
    case 'del':
      return <del>{inlines(token.tokens, names)}</del>;
    case 'codespan':
      return <code>{token['text']}</code>;
    case 'br':
      return <br />;
    case 'link':
      return link(token as Tokens.Link, names);
    case 'escape':
      return token['text'];
    case 'text':
      return token.tokens ? inlines(token.tokens, names) : words(token['text'], names);
    default:
      return token.raw;
  }
}

/** An address that looks like a mention is one; other schemes than the web's stay text. */
function link(token: Tokens.Link, names: Names): ReactNode {
  if (!SAFE_LINK.test(token.href)) return token.raw;
  return (
    <a href={token.href} target="_blank" rel="noreferrer noopener">
      {inlines(token.tokens, names)}
    </a>
  );
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

function words(text: string, names: Names): ReactNode {
  const plain = text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
  return splitMentions(plain).map((part, i) => {
    if (part.name === undefined || !names.known(part.name)) return part.text;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <span key={i} className={part.name === names.me ? 'at-me' : 'at-you'}>
        {part.text}
      </span>
    );
  });
}
