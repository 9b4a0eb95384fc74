import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { upload } from './client';
import { NoAnswer } from './problem';

/** As far as an upload needs it; the last one made. */
class FakeRequest {
  static last: FakeRequest;
  upload: { onprogress?: (event: unknown) => void } = {};
  status = 200;
  responseText = '{"id":"1"}';
  onabort?: () => void;
  onload?: () => void;
  onloadend?: () => void;
  constructor() {
    FakeRequest.last = this;
  }
  open(): void {}
  send(): void {}
  aborted = false;
  abort(): void {
    this.aborted = true;
    this.onabort?.();
    this.onloadend?.();
  }
  progress(loaded: number): void {
    this.upload.onprogress?.({ lengthComputable: true, loaded, total: 100 });
  }
}

const start = (signal = new AbortController().signal) => {
  const shares: number[] = [];
  const done = upload('/api/uploads', new Blob(['x']), 'x.png', { onProgress: (share) => shares.push(share), signal });
  return { done, shares };
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('XMLHttpRequest', FakeRequest);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('an upload', () => {
  it('may take as long as it likes while it goes on, and fails where it stands still', async () => {
    const { done, shares } = start();
    const failed = expect(done).rejects.toBeInstanceOf(NoAnswer);
    for (const loaded of [10, 20, 30]) {
      await vi.advanceTimersByTimeAsync(25_000);
      FakeRequest.last.progress(loaded);
    }
    expect(shares).toEqual([0.1, 0.2, 0.3]);
    expect(FakeRequest.last.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(31_000);
    await failed;
  });

  it('ends where the picture is taken away', async () => {
    const stopper = new AbortController();
    const failed = expect(start(stopper.signal).done).rejects.toBeInstanceOf(NoAnswer);
    stopper.abort();
    await failed;
  });

  it('leaves no timer when it is done', async () => {
    const { done } = start();
    FakeRequest.last.onload?.();
    FakeRequest.last.onloadend?.();
    expect(await done).toEqual({ id: '1' });
    expect(vi.getTimerCount()).toBe(0);
  });
});
