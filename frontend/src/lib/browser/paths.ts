/** All addresses of the page. */
export type Place =
  | { at: 'home' }
  | { at: 'signUp' }
  /** With the number of one of its messages, there. */
  | { at: 'room'; roomId: string; seq?: number }
  | { at: 'browse' }
  | { at: 'mentions' }
  | { at: 'settings' };

export const paths = {
  home: '/',
  signUp: '/sign-up',
  browse: '/browse',
  mentions: '/mentions',
  settings: '/settings',
  room: (roomId: string, seq?: number): string =>
    `/rooms/${encodeURIComponent(roomId)}${seq === undefined ? '' : `/${seq}`}`,
};

export function placeOf(path: string): Place {
  const [, room, seq] = /^\/rooms\/([^/]+)(?:\/(\d+))?$/.exec(path) ?? [];
  if (room !== undefined)
    return { at: 'room', roomId: decoded(room), ...(seq === undefined ? {} : { seq: Number(seq) }) };
  if (path === paths.signUp) return { at: 'signUp' };
  if (path === paths.browse) return { at: 'browse' };
  if (path === paths.mentions) return { at: 'mentions' };
  if (path === paths.settings) return { at: 'settings' };
  return { at: 'home' };
}

/** An address that somebody cut in two is a room that is not there, not an error. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
