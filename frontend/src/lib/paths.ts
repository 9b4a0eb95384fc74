/** All addresses of the page. */
export type Place =
  | { at: 'home' }
  | { at: 'signUp' }
  | { at: 'room'; roomId: string }
  | { at: 'browse' }
  | { at: 'mentions' }
  | { at: 'settings' };

export const paths = {
  home: '/',
  signUp: '/sign-up',
  browse: '/browse',
  mentions: '/mentions',
  settings: '/settings',
  room: (roomId: string): string => `/rooms/${encodeURIComponent(roomId)}`,
};

export function placeOf(path: string): Place {
  const room = /^\/rooms\/([^/]+)$/.exec(path)?.[1];
  if (room !== undefined) return { at: 'room', roomId: decoded(room) };
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
