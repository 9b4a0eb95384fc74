import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Draft as Kept } from '../api/contract';
import { build } from './builders';
import { CHARS_MAX, type Draft, heard, isEmpty, isNothing, NO_DRAFT, told, untold } from './draft';

const kept = (content: string, replyTo?: string): Kept => ({
  content,
  changedAt: '2026-01-01T00:00:00Z',
  ...(replyTo === undefined ? {} : { replyTo }),
});

describe('a draft', () => {
  it('that is not told yet counts more than what is heard', () => {
    const mine: Draft = { text: 'mine', told: { text: 'before' } };
    expect(heard(mine, kept('elsewhere', 'r-1'))).toEqual({
      text: 'mine',
      told: { text: 'elsewhere', replyTo: 'r-1' },
    });
    expect(heard({ text: 'of an older page' }, undefined)).toEqual({ text: 'of an older page' });
  });
  it('is the last one of all devices where nothing was changed here', () => {
    const mine: Draft = { text: 'a', told: { text: 'a' } };
    expect(heard(mine, kept('b', 'r-1'))).toMatchObject({ text: 'b', replyTo: 'r-1' });
    expect(isNothing(heard(mine, undefined))).toBe(true);
    expect(heard(mine, kept('a'))).toBe(mine);
  });
  it('keeps its pictures and the change that was begun, whatever is heard', () => {
    const edit = { message: build({ seq: 1 }), text: 'better' };
    const images = [{ clientId: 'c', name: 'x', type: 'image/png', bytes: 1, size: { width: 1, height: 1 } }];
    const mine: Draft = { text: 'a', edit, images, told: { text: 'a' } };
    expect(heard(mine, undefined)).toEqual({ text: '', edit, images });
    expect(untold({ text: '', edit, images })).toBeUndefined();
  });
  it('that was sent is told to be gone, and then nothing is left of it', () => {
    const sent: Draft = { text: '', told: { text: 'hello' } };
    expect([isEmpty(sent), isNothing(sent)]).toEqual([true, false]);
    expect(untold(sent)).toEqual({ text: '' });
    expect(heard(sent, kept('hello')).text).toBe('');
    expect(isNothing(told(sent, { text: '' }))).toBe(true);
  });
  it('of spaces is none, and stays as it is typed', () => {
    const spaces: Draft = { text: '  ' };
    expect(untold(spaces)).toBeUndefined();
    expect(heard(spaces, undefined)).toBe(spaces);
  });
  it('that is too long for a message is told when it is shorter', () => {
    expect(untold({ text: '🛟'.repeat(CHARS_MAX) })).toBeDefined();
    expect(untold({ text: 'x'.repeat(CHARS_MAX + 1) })).toBeUndefined();
  });
});

/** What a device does, and in which order it is done. */
type Step = { device: 0 | 1; does: 'write' | 'tell' | 'listen'; text: string };

describe('two devices of one person', () => {
  it('agree in the end, on something that one of them wrote, however they take turns', () => {
    const step: fc.Arbitrary<Step> = fc.record({
      device: fc.constantFrom(0 as const, 1 as const),
      does: fc.constantFrom('write' as const, 'tell' as const, 'listen' as const),
      text: fc.constantFrom('', 'a', 'b', 'c'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const devices: [Draft, Draft] = [NO_DRAFT, NO_DRAFT];
        let server = '';
        const listen = (n: 0 | 1) => {
          devices[n] = heard(devices[n], server === '' ? undefined : kept(server));
        };
        const tell = (n: 0 | 1) => {
          const words = untold(devices[n]);
          if (!words) return;
          server = words.text;
          devices[n] = told(devices[n], words);
        };
        for (const { device, does, text } of steps) {
          if (does === 'write') devices[device] = { ...devices[device], text };
          else if (does === 'tell') tell(device);
          else listen(device);
        }
        for (const n of [0, 1] as const) tell(n);
        for (const n of [0, 1] as const) listen(n);
        expect(devices.map((draft) => draft.text)).toEqual([server, server]);
        expect(devices.map((draft) => untold(draft))).toEqual([undefined, undefined]);
      }),
    );
  });
});
