import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Draft as Kept } from '../api/contract';
import { build } from './builders';
import { CHARS_MAX, type Draft, isEmpty, isNothing, NO_DRAFT, received, synced, unsynced } from './draft';

const kept = (content: string, replyTo?: string): Kept => ({
  content,
  changedAt: '2026-01-01T00:00:00Z',
  ...(replyTo === undefined ? {} : { replyTo }),
});

describe('a draft', () => {
  it('that is not sent to the server yet counts more than what comes from it', () => {
    const mine: Draft = { text: 'mine', told: { text: 'before' } };
    expect(received(mine, kept('elsewhere', 'r-1'))).toEqual({
      text: 'mine',
      told: { text: 'elsewhere', replyTo: 'r-1' },
    });
    expect(received({ text: 'of an older page' }, undefined)).toEqual({ text: 'of an older page' });
  });
  it('is the last one of all devices where nothing was changed here', () => {
    const mine: Draft = { text: 'a', told: { text: 'a' } };
    expect(received(mine, kept('b', 'r-1'))).toMatchObject({ text: 'b', replyTo: 'r-1' });
    expect(isNothing(received(mine, undefined))).toBe(true);
    expect(received(mine, kept('a'))).toBe(mine);
  });
  it('keeps its pictures and the change that was begun, whatever is received', () => {
    const edit = { message: build({ seq: 1 }), text: 'better' };
    const images = [{ clientId: 'c', name: 'x', type: 'image/png', bytes: 1, size: { width: 1, height: 1 } }];
    const mine: Draft = { text: 'a', edit, images, told: { text: 'a' } };
    expect(received(mine, undefined)).toEqual({ text: '', edit, images });
    expect(unsynced({ text: '', edit, images })).toBeUndefined();
  });
  it('that was sent is reported as gone, and then nothing is left of it', () => {
    const sent: Draft = { text: '', told: { text: 'hello' } };
    expect([isEmpty(sent), isNothing(sent)]).toEqual([true, false]);
    expect(unsynced(sent)).toEqual({ text: '' });
    expect(received(sent, kept('hello')).text).toBe('');
    expect(isNothing(synced(sent, { text: '' }))).toBe(true);
  });
  it('of spaces is none, and stays as it is typed', () => {
    const spaces: Draft = { text: '  ' };
    expect(unsynced(spaces)).toBeUndefined();
    expect(received(spaces, undefined)).toBe(spaces);
  });
  it('that is too long for a message is reported when it is shorter', () => {
    expect(unsynced({ text: '🛟'.repeat(CHARS_MAX) })).toBeDefined();
    expect(unsynced({ text: 'x'.repeat(CHARS_MAX + 1) })).toBeUndefined();
  });
});

/** What a device does, and in which order it is done. */
type Step = { device: 0 | 1; does: 'write' | 'send' | 'listen'; text: string };

describe('two devices of one person', () => {
  it('agree in the end, on something that one of them wrote, however they take turns', () => {
    const step: fc.Arbitrary<Step> = fc.record({
      device: fc.constantFrom(0 as const, 1 as const),
      does: fc.constantFrom('write' as const, 'send' as const, 'listen' as const),
      text: fc.constantFrom('', 'a', 'b', 'c'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const devices: [Draft, Draft] = [NO_DRAFT, NO_DRAFT];
        let server = '';
        const listen = (n: 0 | 1) => {
          devices[n] = received(devices[n], server === '' ? undefined : kept(server));
        };
        const send = (n: 0 | 1) => {
          const words = unsynced(devices[n]);
          if (!words) return;
          server = words.text;
          devices[n] = synced(devices[n], words);
        };
        for (const { device, does, text } of steps) {
          if (does === 'write') devices[device] = { ...devices[device], text };
          else if (does === 'send') send(device);
          else listen(device);
        }
        for (const n of [0, 1] as const) send(n);
        for (const n of [0, 1] as const) listen(n);
        expect(devices.map((draft) => draft.text)).toEqual([server, server]);
        expect(devices.map((draft) => unsynced(draft))).toEqual([undefined, undefined]);
      }),
    );
  });
});
