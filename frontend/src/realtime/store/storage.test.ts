import { describe, expect, it } from 'vitest';
import { uuidTime, uuidV7 } from '../../lib/uuid';
import type { Pending } from '../../model/outbox';
import { settled } from '../builders';
import { createStorage } from './storage';

const DAY_MS = 24 * 3600 * 1000;

function pending(clientId: string): Pending {
  const createdAt = new Date().toISOString();
  return { clientId, roomId: 'r', content: 'with a picture', createdAt, state: 'queued', attempts: 0 };
}

/** Of two days ago. */
function oldId(): string {
  const time = (Date.now() - 2 * DAY_MS).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

describe('pictures on this device', () => {
  it('know when they were attached', () => {
    const now = Date.now() + DAY_MS;
    expect(uuidTime(uuidV7(now))).toBe(now);
  });

  it('that no message waits for go after a day, and at once with the person', async () => {
    const [mika, tomas] = [createStorage('mika'), createStorage('tomas')];
    const old = oldId();
    const [fresh, waits, his] = [uuidV7(), uuidV7(), uuidV7()];
    for (const key of [old, fresh, waits, his]) await mika.savePicture(key, new Blob(['x']));
    mika.saveOutbox([pending(waits)]);
    tomas.saveOutbox([pending(his)]);
    await settled();
    const here = async () => {
      await settled();
      const keys = [old, fresh, waits, his];
      const kept = await Promise.all(keys.map((key) => mika.picture(key)));
      return kept.map((picture) => picture !== undefined);
    };
    expect(await here()).toEqual([true, true, true, true]);
    await mika.load();
    expect(await here()).toEqual([false, true, true, true]);
    await mika.clear();
    expect(await here()).toEqual([false, false, false, true]);
  });
});
