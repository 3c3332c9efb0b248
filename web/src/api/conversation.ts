/**
 * A run with a terminal, over a WebSocket: the events of `runEvents`, and what people type on the way back.
 * Loaded with the terminal.
 */
import { identity, Refusal } from './client';
import type { ClientMessage, RunEvent, RunRequest, Size } from './types';

const PATH = '/api/v1/runs/ws';

/** Characters that travel in one message; the server takes several times as much. */
const MESSAGE_CHARS = 32 * 1024;

/** What the server's reasons for hanging up mean (RFC 6455, 7.4.1). */
const CLOSED: Record<number, string> = {
  1008: 'The server did not take the program.',
  1009: 'The server does not take so much at once.',
  1013: 'The server runs as many interactive programs as it can. Try again soon.',
};

/** A WebSocket has no headers of its own: a key goes along as the name of a protocol. */
function open(): WebSocket {
  const key = identity['x-api-key'];
  return new WebSocket(PATH, key ? ['polyground', key] : []);
}

export class Conversation {
  private readonly socket = open();
  /** What arrived and was not taken yet; at its end `undefined` or what went wrong. */
  private readonly arrived: (RunEvent | Refusal | undefined)[] = [];
  private readonly unsent: ClientMessage[] = [];
  private wake = () => {};

  /** Starts a run. Aborting the signal hangs up, which ends the program. */
  constructor(request: RunRequest, size: Size, signal: AbortSignal) {
    const { socket } = this;
    let opened = false;
    let over = false;
    this.send({ type: 'start', ...request, terminal: size });
    socket.addEventListener('open', () => {
      opened = true;
      for (const message of this.unsent.splice(0)) this.send(message);
    });
    socket.addEventListener('message', ({ data }) => {
      const event: RunEvent = JSON.parse(data);
      over ||= event.type === 'done' || event.type === 'problem';
      this.arrive(event);
    });
    socket.addEventListener('close', ({ code }) => {
      const gone = opened
        ? 'The connection broke off while the program ran.'
        : 'The server does not answer, or wants an API key (Settings). Your work is kept in this browser.';
      this.arrive(over ? undefined : new Refusal(CLOSED[code] ?? gone, opened ? code : 0));
    });
    signal.addEventListener('abort', () => socket.close(), { once: true });
  }

  /** What happens, until the run is over. */
  async *events(): AsyncGenerator<RunEvent> {
    for (;;) {
      while (this.arrived.length > 0) {
        const event = this.arrived.shift();
        if (!event) return;
        if (event instanceof Refusal) throw event;
        yield event;
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Hands over what was typed. */
  type(text: string): void {
    // In whole characters, so that none is cut in two.
    const characters = [...text];
    for (let at = 0; at < characters.length; at += MESSAGE_CHARS) {
      this.send({ type: 'stdin', text: characters.slice(at, at + MESSAGE_CHARS).join('') });
    }
  }

  interrupt(): void {
    this.send({ type: 'signal', signal: 'SIGINT' });
  }

  resize(size: Size): void {
    this.send({ type: 'resize', ...size });
  }

  private send(message: ClientMessage): void {
    const { readyState } = this.socket;
    if (readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
    else if (readyState === WebSocket.CONNECTING) this.unsent.push(message);
  }

  private arrive(event: RunEvent | Refusal | undefined): void {
    this.arrived.push(event);
    this.wake();
  }
}
