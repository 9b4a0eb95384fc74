/** State of the connection, as far as the user needs to know it. */
export type Connection =
  | { readonly at: 'connecting' }
  | { readonly at: 'online' }
  /** Lost less than two seconds ago: nothing is shown yet. */
  | { readonly at: 'lost' }
  /** `tryAt` is in milliseconds since 1970. */
  | { readonly at: 'waiting'; readonly tryAt: number }
  | { readonly at: 'trying' }
  | { readonly at: 'offline' }
  | { readonly at: 'moving' }
  | { readonly at: 'catchingUp'; readonly sending: number; readonly fetching: number }
  | { readonly at: 'back'; readonly sent: number };

export function isConnected(connection: Connection): boolean {
  return connection.at === 'online' || connection.at === 'catchingUp' || connection.at === 'back';
}

/** The page says that there is no connection. */
export function isShownAsLost(connection: Connection): boolean {
  return connection.at === 'offline' || connection.at === 'waiting' || connection.at === 'trying';
}
