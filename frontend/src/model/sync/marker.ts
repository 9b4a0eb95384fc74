/** My read markers to send to the server: the highest of each room, until the server has it. */
export type Markers = {
  readonly wanted: ReadonlyMap<string, number>;
  readonly confirmed: ReadonlyMap<string, number>;
};

export const NO_MARKERS: Markers = { wanted: new Map(), confirmed: new Map() };

export function want(markers: Markers, roomId: string, seq: number): Markers {
  const known = Math.max(markers.wanted.get(roomId) ?? 0, markers.confirmed.get(roomId) ?? 0);
  return seq <= known ? markers : { ...markers, wanted: new Map(markers.wanted).set(roomId, seq) };
}

/** The server has this one, or rejected it; a higher one may be pending by now. */
export function confirmed(markers: Markers, roomId: string, seq: number): Markers {
  const wanted = new Map(markers.wanted);
  if ((wanted.get(roomId) ?? 0) <= seq) wanted.delete(roomId);
  return { wanted, confirmed: new Map(markers.confirmed).set(roomId, seq) };
}
