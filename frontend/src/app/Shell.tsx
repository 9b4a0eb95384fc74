/** Columns of a wide page, pages of a phone, and the dialogs above both. */
import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { Banner } from '../features/connection/Banner';
import { StartPage } from '../features/people/StartPage';
import { PhoneList } from '../features/rooms/PhoneList';
import { Sidebar } from '../features/rooms/Sidebar';
import { PHONE, useMedia } from '../lib/browser/media';
import type { Place } from '../lib/browser/paths';
import { useWords } from '../lib/i18n';
import { toWatch, WATCH_MAX } from '../model/room/presence';
import { byActivity, partnerOf } from '../model/room/room';
import { useOpenRoom, useWatch } from '../realtime/hooks/use-actions';
import { useChatState } from '../realtime/hooks/use-chat-state';
import { RoomPage } from './room/RoomPage';
import { type Overlay, useHeldKeys, useKeys, useNoStrayFiles } from './use-keys';

const Browse = lazy(() => import('../features/browse/Browse').then((m) => ({ default: m.Browse })));
const Mentions = lazy(() => import('../features/browse/Mentions').then((m) => ({ default: m.Mentions })));
const Settings = lazy(() => import('../features/settings/Settings').then((m) => ({ default: m.Settings })));
const loadSwitcher = () => import('../features/switcher/Switcher').then((m) => ({ default: m.Switcher }));
const Switcher = lazy(loadSwitcher);
const KeyTable = lazy(() => import('./KeyTable').then((m) => ({ default: m.KeyTable })));
const MakeDialog = lazy(() => import('../features/people/MakeDialog').then((m) => ({ default: m.MakeDialog })));
const StartDialog = lazy(() => import('../features/people/StartDialog').then((m) => ({ default: m.StartDialog })));
const AddDialog = lazy(() => import('../features/people/AddDialog').then((m) => ({ default: m.AddDialog })));

/** By then the page stands; whoever types Ctrl K goes on typing at once. */
const PRELOAD_AFTER_MS = 1500;

export function Shell({ place }: { place: Place }) {
  const phone = useMedia(PHONE);
  const words = useWords();
  const openRoom = useOpenRoom();
  const [overlay, setOverlay] = useState<Overlay>();
  const roomsLoaded = useChatState((state) => state.roomsLoaded);
  const roomId = place.at === 'room' ? place.roomId : undefined;
  const seq = place.at === 'room' ? place.seq : undefined;
  const known = useChatState((state) => (roomId === undefined ? false : state.rooms[roomId] !== undefined));
  const writing = useChatState((state) => roomId !== undefined && state.rooms[roomId]?.myRole !== undefined);
  // Before the timeline's own effects: they mark as read what is on screen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another message of the open room opens no room
  useLayoutEffect(() => {
    if (roomsLoaded || roomId === undefined) openRoom(roomId, seq);
  }, [openRoom, roomId, roomsLoaded]);
  useWatched(roomId);
  useEffect(() => {
    const timer = setTimeout(() => void loadSwitcher().catch(() => undefined), PRELOAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  useKeys({ place, overlay, open: setOverlay });
  useNoStrayFiles();
  const close = useCallback(() => setOverlay(undefined), []);
  const typed = useHeldKeys(overlay, close);
  // Whoever goes back leaves what lies above the page, too.
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every other place
  useEffect(() => setOverlay(undefined), [place]);

  const start = <StartPage onGroup={() => setOverlay('group')} />;
  const main = (
    <Suspense fallback={<main className="main" aria-busy="true" />}>
      {roomId !== undefined && (
        <RoomPage
          key={roomId}
          roomId={roomId}
          seq={seq}
          known={known || !roomsLoaded}
          phone={phone}
          onAdd={() => setOverlay('add')}
        />
      )}
      {place.at === 'browse' && <Browse phone={phone} onMake={() => setOverlay('room')} />}
      {place.at === 'mentions' && <Mentions phone={phone} />}
      {(place.at === 'home' || place.at === 'signUp') && !phone && (
        <main className="main center" data-region>
          {start}
        </main>
      )}
    </Suspense>
  );
  // In a room it lies under the room's head.
  const banner = roomId === undefined && <Banner />;
  const atList = place.at === 'home' || place.at === 'signUp';
  return (
    <>
      {writing && (
        <a href="#composer" className="skip-link">
          {words.common.skip}
        </a>
      )}
      {place.at === 'settings' ? (
        <Suspense fallback={<div className="page" aria-busy="true" />}>
          <div className="under-banner">
            {banner}
            <Settings />
          </div>
        </Suspense>
      ) : phone ? (
        <div className="phone">
          {banner}
          {atList ? <PhoneList onJump={() => setOverlay('switcher')} onMake={setOverlay} empty={start} /> : main}
        </div>
      ) : (
        <div className="app">
          <Sidebar place={place} onJump={() => setOverlay('switcher')} onMake={setOverlay} />
          {roomId === undefined ? (
            <div className="under-banner">
              {banner}
              {main}
            </div>
          ) : (
            main
          )}
        </div>
      )}
      <Suspense>
        {overlay === 'switcher' && <Switcher typed={typed} onClose={close} />}
        {overlay === 'keys' && <KeyTable onClose={close} />}
        {(overlay === 'group' || overlay === 'room') && <MakeDialog key={overlay} what={overlay} onClose={close} />}
        {(overlay === 'conversation' || overlay === 'direct') && (
          <StartDialog onClose={close} onGroup={() => setOverlay('group')} onRoom={() => setOverlay('room')} />
        )}
        {overlay === 'add' && roomId !== undefined && <AddDialog roomId={roomId} onClose={close} />}
      </Suspense>
    </>
  );
}

/** Presence is requested only for users who are on screen. */
function useWatched(roomId: string | undefined): void {
  const watch = useWatch();
  const rooms = useChatState((state) => state.rooms);
  const members = useChatState((state) => (roomId === undefined ? undefined : state.members[roomId]));
  const meId = useChatState((state) => state.me.id);
  const ids = useMemo(() => {
    const partners = [...Object.values(rooms)].sort(byActivity).flatMap((room) => partnerOf(room)?.id ?? []);
    const here = members?.map((member) => member.user.id).filter((id) => id !== meId) ?? [];
    return toWatch(partners, here, WATCH_MAX);
  }, [rooms, members, meId]);
  useEffect(() => watch(ids), [watch, ids]);
}
