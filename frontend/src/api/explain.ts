/** The text of an error for a field. */

import type { Words } from '../lib/i18n';
import { Rejected } from './problem';

type FieldErrors = { readonly field?: string; readonly text: string };

export function explain(error: unknown, words: Words): FieldErrors {
  if (!(error instanceof Rejected)) return { text: words.problem.offline };
  const { code, field, retryAfter, detail } = error.problem;
  const t = words.problem;
  switch (code) {
    case 'wrongCredentials':
      return { text: t.wrong };
    case 'usernameTaken':
      return { field: 'username', text: t.usernameTaken };
    case 'emailTaken':
      return { field: 'email', text: t.emailTaken };
    case 'nameTaken':
      return { field: 'name', text: t.nameTaken };
    case 'forbidden':
      return { text: t.forbidden };
    case 'notMember':
      return { text: t.notMember };
    case 'notFound':
      return { text: t.notFound };
    case 'tooLarge':
      return { text: t.tooLarge };
    case 'unsupportedImage':
      return { text: t.image };
    case 'uploadsUnavailable':
      return { text: t.noPictures };
    case 'tooManyReactions':
      return { text: t.reactions };
    case 'conflict':
      return { text: t.conflict };
    case 'tooManyRequests':
      return { text: t.tooMany(retryAfter ?? 1) };
    case 'unavailable':
    case 'internal':
      return { text: t.unavailable };
    case 'invalidValue':
    case 'invalidRequest':
      if (field === 'username') return { field, text: t.username };
      if (field === 'email') return { field, text: t.email };
      if (field === 'displayName') return { field, text: t.required };
      if (field === 'password' || field === 'newPassword') return { field, text: t.password };
      return { ...(field === undefined ? {} : { field }), text: t.because(detail) };
    case 'userNotFound':
      return { text: t.nobody };
    case 'unauthenticated':
      return { text: t.signedOut };
    case 'originRefused':
    case 'clientIdReused':
      return { text: t.because(detail) };
  }
}
