import type { ClientDuplexStream } from "@grpc/grpc-js";
import type {
  AllowRequest,
  AllowResponse,
  AllowStreamRequest,
  AllowStreamResponse,
} from "../gen/outrigger/ratelimit/v1/rate_limiter.js";
import { DeadlineQueue } from "../core/deadlines.js";
import { mistakeOf } from "../core/errors.js";
import type { Sidecar } from "../core/sidecar.js";

const MOST_QUESTIONS = 1000; // of one message
const MOST_BYTES = 256 * 1024; // of one message, about; a larger question goes alone

/** What waits for an answer. Exactly one of the two is called, once. */
export interface Asker {
  /** The answer, or undefined: the sidecar gave none. */
  answered(response: AllowResponse | undefined): void;
  failed(error: Error): void;
}

interface Question {
  readonly request: AllowRequest;
  readonly asker: Asker;
  batch: Batch | undefined; // the message that it went out with
}

interface Batch {
  readonly id: number;
  readonly questions: readonly Question[];
  left: number; // questions that are not settled yet
}

type Stream = ClientDuplexStream<AllowStreamRequest, AllowStreamResponse>;

/**
 * Questions that are asked at the same time go out as one message. The first to find nothing on its way out has all
 * written that gathered until the event loop comes round, which costs it no timer and next to no time. What is
 * asked while a message is being written goes with the next one.
 */
export class AllowStream {
  private readonly sidecar: Sidecar;
  private readonly deadlines: DeadlineQueue<Question>;
  private readonly gathered = new Set<Question>(); // not written yet
  private readonly batches = new Map<number, Batch>();
  private stream: Stream | undefined;
  private flushing = false; // a flush is due, or a message is being written
  private lastId = 0;

  constructor(sidecar: Sidecar) {
    this.sidecar = sidecar;
    this.deadlines = new DeadlineQueue(sidecar.timeoutMs, (question) => this.settle(question, undefined));
  }

  /** Questions that wait for their answer. */
  get pending(): number {
    return this.deadlines.size;
  }

  /** Messages that wait for their answer. */
  get messages(): number {
    return this.batches.size;
  }

  /** Returns a function that forgets the question: its asker is not called any more. */
  ask(request: AllowRequest, asker: Asker): () => void {
    const question: Question = { request, asker, batch: undefined };
    this.deadlines.add(question);
    this.gathered.add(question);
    if (!this.flushing) {
      this.flushing = true;
      setImmediate(() => this.flush());
    }
    return () => this.forget(question);
  }

  /** Ends the stream. What is under way stays unanswered. */
  close(): void {
    const stream = this.stream;
    this.broken(stream);
    stream?.cancel();
  }

  private flush(): void {
    this.flushing = false;
    const questions = this.takeGathered();
    if (questions.length === 0) return;
    if (this.sidecar.closed) return questions.forEach((question) => this.settle(question, undefined));
    const stream = (this.stream ??= this.open());
    this.write(stream, questions);
  }

  private write(stream: Stream, questions: Question[]): void {
    const batch: Batch = { id: ++this.lastId, questions, left: questions.length };
    for (const question of questions) question.batch = batch;
    this.batches.set(batch.id, batch);
    this.flushing = true;
    stream.write({ id: BigInt(batch.id), requests: questions.map((question) => question.request) }, () => {
      if (this.stream === stream) this.flush();
    });
  }

  private takeGathered(): Question[] {
    const taken: Question[] = [];
    let bytes = 0;
    for (const question of this.gathered) {
      bytes += bytesOf(question.request);
      if (taken.length === MOST_QUESTIONS || (bytes > MOST_BYTES && taken.length > 0)) break;
      taken.push(question);
      this.gathered.delete(question);
    }
    return taken;
  }

  private open(): Stream {
    const stream = this.sidecar.limits.allowStream();
    stream.on("data", (response: AllowStreamResponse) => this.read(stream, response));
    stream.on("error", () => this.broken(stream));
    stream.on("end", () => this.broken(stream));
    return stream;
  }

  private read(stream: Stream, response: AllowStreamResponse): void {
    const batch = this.batches.get(Number(response.id));
    if (batch === undefined) return; // all of its askers have gone
    if (response.error !== undefined) return this.refused(stream, batch, response.error.code, response.error.message);
    for (const [index, question] of batch.questions.entries()) this.settle(question, response.responses[index]);
  }

  // A message is checked as a whole before anything is taken: after one asker's mistake each question is asked alone.
  private refused(stream: Stream, batch: Batch, code: number, message: string): void {
    const error = mistakeOf(code, message.replace(/^requests\[0\]\.?/, ""));
    if (error === undefined) return batch.questions.forEach((question) => this.settle(question, undefined));
    const [only, ...others] = batch.questions;
    if (only !== undefined && others.length === 0) return this.fail(only, error);
    this.batches.delete(batch.id);
    for (const question of batch.questions) {
      if (this.deadlines.has(question)) this.write(stream, [question]);
    }
  }

  private broken(stream: Stream | undefined): void {
    if (this.stream !== stream) return;
    this.stream = undefined;
    for (const batch of this.batches.values()) {
      for (const question of batch.questions) this.settle(question, undefined);
    }
    // Those that were not written yet go with the next stream.
    this.flush();
  }

  private settle(question: Question, response: AllowResponse | undefined): void {
    if (this.forget(question)) question.asker.answered(response);
  }

  private fail(question: Question, error: Error): void {
    if (this.forget(question)) question.asker.failed(error);
  }

  private forget(question: Question): boolean {
    if (!this.deadlines.remove(question)) return false;
    const batch = question.batch;
    if (batch === undefined) this.gathered.delete(question);
    else if (--batch.left === 0) this.batches.delete(batch.id);
    return true;
  }
}

// About what it takes in a message; more if it is not ASCII.
function bytesOf({ attributes, limit }: AllowRequest): number {
  let bytes = 32 + limit.length;
  for (const name in attributes) bytes += 6 + name.length + (attributes[name]?.length ?? 0);
  return bytes;
}
