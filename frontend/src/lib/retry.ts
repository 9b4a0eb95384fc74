/** Retries with exponential backoff: the only place that sets the delays. */
const FIRST_MS = 500;
const MAX_MS = 20_000;

/** Doubles with each attempt, at most 20 s; half of it is random (`random` in 0..1), so that clients spread out. */
export function backoffMs(attempt: number, random: number): number {
  const whole = Math.min(MAX_MS, FIRST_MS * 2 ** attempt);
  return Math.round(whole / 2 + (whole / 2) * random);
}

export type Backoff = {
  /** The pause before the next attempt, in milliseconds; longer each time. */
  readonly nextMs: () => number;
  /** How many pauses there were since the last success. */
  readonly count: () => number;
  readonly reset: () => void;
};

export function createBackoff(): Backoff {
  let attempt = 0;
  return {
    nextMs: () => {
      attempt += 1;
      return backoffMs(attempt - 1, Math.random());
    },
    count: () => attempt,
    reset: () => {
      attempt = 0;
    },
  };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

type RetryOptions = {
  /** Whether another attempt is still wanted. */
  readonly while?: () => boolean;
  /** An error for which a retry is useless. */
  readonly isFinal?: (error: unknown) => boolean;
  readonly pause?: (ms: number) => Promise<void>;
};

/** Repeats `work` until it succeeds; rejects with the last error where that is final or it is no longer wanted. */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { while: wanted = () => true, isFinal = () => false, pause = sleep } = options;
  const backoff = createBackoff();
  let last: unknown = new Error('not wanted');
  while (wanted()) {
    try {
      return await work();
    } catch (error) {
      last = error;
      if (isFinal(error)) break;
    }
    await pause(backoff.nextMs());
  }
  throw last;
}
