/** Whether the page is idle. */
const IDLE_MS = 5 * 60_000;
const LOOK_EVERY_MS = 1000;
const SIGNS = ['pointerdown', 'keydown', 'focus'] as const;

type Idle = {
  /** No activity for five minutes. */
  readonly isAway: () => boolean;
  readonly stop: () => void;
};

export function createIdle(onChange: () => void): Idle {
  let away = false;
  let lastActive = Date.now();
  const set = (now: boolean) => {
    if (away === now) return;
    away = now;
    onChange();
  };
  const active = () => {
    lastActive = Date.now();
    set(false);
  };
  const timer = setInterval(() => {
    if (Date.now() - lastActive >= IDLE_MS) set(true);
  }, LOOK_EVERY_MS);
  for (const sign of SIGNS) window.addEventListener(sign, active);
  return {
    isAway: () => away,
    stop: () => {
      clearInterval(timer);
      for (const sign of SIGNS) window.removeEventListener(sign, active);
    },
  };
}
