/** The server's refusals, and the absence of an answer, as one kind of error. */
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

/** A room that I am not in any more takes no marker and no draft; that the server is busy is another matter. */
export function isFinalRefusal(error: unknown): boolean {
  if (!(error instanceof Rejected)) return false;
  const { code } = error.problem;
  return code !== 'unavailable' && code !== 'internal' && code !== 'tooManyRequests' && code !== 'unauthenticated';
}
