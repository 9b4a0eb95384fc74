import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { build } from '../../model/builders';
import type { Pending } from '../../model/outbox';
import { fakeClient, standIn } from '../builders';

const failed: Pending = {
  clientId: 'c1',
  roomId: 'r',
  content: 'the refused one',
  createdAt: '2026-01-01T00:00:00Z',
  state: 'failed',
  attempts: 1,
};

beforeEach(() => standIn({}));
afterEach(() => vi.unstubAllGlobals());

describe('a failed message that is taken back', () => {
  it('comes before what is being written, which stays', () => {
    const { store, drafts, compose } = fakeClient().client;
    store.update(() => ({ outbox: [failed] }));
    drafts.change('r', { text: 'half a thought' });
    compose.takeBack('c1');
    expect(drafts.get('r').text).toBe('the refused one\nhalf a thought');
    expect(store.get().outbox).toEqual([]);
  });

  it('does not take away a change that was begun', () => {
    const { store, drafts, compose } = fakeClient().client;
    store.update(() => ({ outbox: [failed] }));
    const edit = { message: build({ seq: 1 }), text: 'a better word' };
    drafts.change('r', { edit });
    compose.takeBack('c1');
    expect(drafts.get('r')).toMatchObject({ text: 'the refused one', edit });
  });
});

describe('a draft that is sent', () => {
  it('is in the outbox with its pictures, each further one as a message of its own, and no draft any more', () => {
    const { client } = fakeClient();
    const save = vi.spyOn(client.storage, 'saveDraft');
    const image = { name: 'x', type: 'image/png', bytes: 1, size: { width: 1, height: 1 } };
    const images = ['a', 'b'].map((clientId) => ({ clientId, ...image }));
    client.drafts.change('r', { text: ' two pictures ', replyTo: 'r-1', images });
    client.compose.sendDraft('r');
    expect(client.store.get().outbox).toMatchObject([
      { clientId: 'a', content: 'two pictures', replyTo: 'r-1', image, state: 'queued' },
      { clientId: 'b', content: '', image },
    ]);
    expect(client.store.get().drafts).toEqual({});
    expect(save).toHaveBeenCalledWith('r', undefined);
  });
});
