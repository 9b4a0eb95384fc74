/** Times as words. Absolute after today; the clock and the zone are the browser's. */
import type { Locale } from '../i18n';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export function clock(iso: string): string {
  const at = new Date(iso);
  return `${at.getHours()}:${String(at.getMinutes()).padStart(2, '0')}`;
}

/** Sorts and compares days in the reader's zone. */
export function dayKey(iso: string): string {
  const at = new Date(iso);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
}

function daysAgo(iso: string, now: number): number {
  const start = (ms: number) => new Date(ms).setHours(0, 0, 0, 0);
  return Math.round((start(now) - start(Date.parse(iso))) / DAY_MS);
}

function format(iso: string, locale: Locale, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale === 'ja' ? 'ja-JP' : 'en-GB', options).format(new Date(iso));
}

const TODAY = { en: 'Today', ja: '今日' } as const;
const YESTERDAY = { en: 'Yesterday', ja: '昨日' } as const;

export function dayLabel(iso: string, locale: Locale, now: number = Date.now()): string {
  const days = daysAgo(iso, now);
  if (days === 0) return TODAY[locale];
  if (days === 1) return YESTERDAY[locale];
  const sameYear = new Date(iso).getFullYear() === new Date(now).getFullYear();
  return format(iso, locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

/** For lists: the time today, the weekday this week, else the date. */
export function shortWhen(iso: string, locale: Locale, now: number = Date.now()): string {
  const days = daysAgo(iso, now);
  if (days === 0) return clock(iso);
  if (days > 0 && days < 7) return format(iso, locale, { weekday: 'short' });
  return format(iso, locale, { day: 'numeric', month: 'short' });
}

/** For sentences: `2 min ago`, `Today, 8:30`, `Yesterday`, `18 November`. */
export function longWhen(iso: string, locale: Locale, now: number = Date.now()): string {
  const age = now - Date.parse(iso);
  if (age < HOUR_MS) {
    const minutes = Math.max(1, Math.floor(age / MINUTE_MS));
    return locale === 'ja' ? `${minutes}分前` : `${minutes} min ago`;
  }
  const days = daysAgo(iso, now);
  if (days === 0) return locale === 'ja' ? `今日${clock(iso)}` : `Today, ${clock(iso)}`;
  if (days === 1) return YESTERDAY[locale];
  if (days < 7) return format(iso, locale, { weekday: 'long' });
  return fullDate(iso, locale, now);
}

/** The same inside a sentence: `active yesterday`, `active on Monday`. */
export function whenInSentence(iso: string, locale: Locale, now: number = Date.now()): string {
  const when = longWhen(iso, locale, now);
  if (locale === 'ja' || now - Date.parse(iso) < HOUR_MS) return when;
  return daysAgo(iso, now) < 2 ? when.charAt(0).toLowerCase() + when.slice(1) : `on ${when}`;
}

export function fullDate(iso: string, locale: Locale, now: number = Date.now()): string {
  const sameYear = new Date(iso).getFullYear() === new Date(now).getFullYear();
  return format(iso, locale, { day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) });
}

export function dateAndClock(iso: string, locale: Locale): string {
  return `${dayLabel(iso, locale)} ${clock(iso)}`;
}

/** `Wed 14:03` where it was not today. */
export function clockWithDay(iso: string, locale: Locale, now: number = Date.now()): string {
  return daysAgo(iso, now) === 0 ? clock(iso) : `${shortWhen(iso, locale, now)} ${clock(iso)}`;
}

export function bytesLabel(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1000))} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
