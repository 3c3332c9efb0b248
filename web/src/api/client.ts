/** Asks the server. Whatever goes wrong is a `Refusal` that can be shown to people. */
import type { ProblemBody, Runtime, Snippet } from './types';

const BASE = '/api/v1';

/** What every request says of who asks: an API key, where somebody has given one. */
export const identity: { 'x-api-key'?: string } = {};

/** Why the server did not do what it was asked for. */
export class Refusal extends Error {
  constructor(
    message: string,
    /** The HTTP status; 0 when the server could not be reached. */
    readonly status: number,
    /** Seconds after which to try again, where the server said so. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }

  /** Whether the server could not be reached at all. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  /** What a problem says. */
  static of(problem: ProblemBody, retryAfter?: number): Refusal {
    const field = problem.field ? ` (${problem.field})` : '';
    return new Refusal(`${problem.title}${field}: ${problem.detail}`, problem.status, retryAfter);
  }
}

/** Sends a request and gives the answer when it is not an error. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      ...init,
      headers: { ...init.headers, ...identity },
      credentials: 'omit',
    });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Refusal('The server does not answer. Your work is kept in this browser.', 0);
  }
  if (response.ok) return response;
  const retryAfter = Number(response.headers.get('retry-after')) || undefined;
  const problem = response.headers.get('content-type')?.includes('json') ? await response.json() : undefined;
  if (isProblem(problem)) throw Refusal.of(problem, retryAfter);
  throw new Refusal(`The server answered with ${response.status}.`, response.status, retryAfter);
}

function isProblem(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && 'title' in body && 'detail' in body;
}

/** A request with a JSON body. */
export function posting(body: unknown, extra: RequestInit = {}): RequestInit {
  const headers = { 'content-type': 'application/json', ...extra.headers };
  return { ...extra, method: 'POST', headers, body: JSON.stringify(body) };
}

/** Every runtime that the server knows. */
export async function listRuntimes(): Promise<Runtime[]> {
  return (await ask('/runtimes')).json();
}

/** A saved program. */
export async function openSnippet(id: string): Promise<Snippet> {
  return (await ask(`/snippets/${encodeURIComponent(id)}`)).json();
}
