import type { Dispatcher } from 'undici';

export interface PostRequest {
  method: 'POST';
  /** Begins with `/`. */
  path: string;
  /** Names and values in turn. */
  headers: string[];
  body: Buffer;
}

export interface Answer {
  statusCode: number;
  retryAfter: string | null;
  /** The first KiB at most, as it came. */
  body: Buffer;
}

export interface Exchange {
  /** Null: no status came. There may be one and a failure, when the answer broke off. */
  answer: Answer | null;
  failure: { error: unknown } | null;
  /** Whether a connection was there, so that the receiver may have got something. */
  wasSent: boolean;
}

/** The time for the request was over before the answer was complete. */
export class TimeOver extends Error {
  override readonly name = 'TimeOver';
}

/** Of the body of an answer. */
export const KEPT_BYTES = 1_024;
/** Read to its end, so that the connection can be used again; of a longer answer the rest is not waited for. */
const READ_BYTES = 16_384;

/** Makes a request and reads the beginning of the answer. Never rejects. */
export function exchange(dispatcher: Dispatcher, request: PostRequest, timeoutMs: number): Promise<Exchange> {
  return new Promise((resolve) => {
    dispatcher.dispatch(request, new AnswerReader(resolve, timeoutMs));
  });
}

class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #resolve: (exchange: Exchange) => void;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #statusCode: number | null = null;
  #retryAfter: string | null = null;
  #pieces: Buffer[] = [];
  #length = 0;
  #isOver = false;

  constructor(resolve: (exchange: Exchange) => void, timeoutMs: number) {
    this.#resolve = resolve;
    this.#timer = setTimeout(() => this.#breakOff({ error: new TimeOver() }), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // The connection came too late.
    if (this.#isOver) controller.abort(new TimeOver());
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (statusCode < 200) return;
    this.#statusCode = statusCode;
    const retryAfter = headers['retry-after'];
    this.#retryAfter = (Array.isArray(retryAfter) ? retryAfter[0] : retryAfter) ?? null;
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#length < KEPT_BYTES) this.#pieces.push(piece.subarray(0, KEPT_BYTES - this.#length));
    this.#length += piece.length;
    if (this.#length > READ_BYTES) this.#breakOff(null);
  }

  onResponseEnd(): void {
    this.#end(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end({ error });
  }

  #breakOff(failure: Exchange['failure']): void {
    this.#end(failure);
    this.#controller?.abort(new TimeOver());
  }

  #end(failure: Exchange['failure']): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const [first = Buffer.alloc(0), ...others] = this.#pieces;
    this.#resolve({
      answer:
        this.#statusCode === null
          ? null
          : {
              statusCode: this.#statusCode,
              retryAfter: this.#retryAfter,
              body: others.length === 0 ? first : Buffer.concat(this.#pieces),
            },
      failure,
      wasSent: this.#controller !== null,
    });
  }
}
