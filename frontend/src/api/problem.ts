/** Errors of the server, and missing answers, as one type of error. */
import type { Code, Problem } from './contract';

export class Rejected extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'Rejected';
    this.problem = problem;
  }
}

/** No answer: offline, a proxy's error page, or too slow. */
export class NoAnswer extends Error {
  constructor(cause?: unknown) {
    super('no answer', { cause });
    this.name = 'NoAnswer';
  }
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';
}

export function codeOf(error: unknown): Code | 'noAnswer' {
  return error instanceof Rejected ? error.problem.code : 'noAnswer';
}

/** Whether an error is final for markers and drafts: a room that I have left, but not a busy server. */
export function isFinalRefusal(error: unknown): boolean {
  if (!(error instanceof Rejected)) return false;
  const { code } = error.problem;
  return code !== 'unavailable' && code !== 'internal' && code !== 'tooManyRequests' && code !== 'unauthenticated';
}
