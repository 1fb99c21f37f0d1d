import { asQibenchError } from '../contract/error.js';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  /** W3C traceparent of what it belongs to; null or absent: it begins a trace. */
  readonly parent?: string | null;
  /** Absent: now. */
  readonly startedAt?: Date;
  readonly kind?: 'internal' | 'server' | 'producer' | 'consumer';
  readonly attributes?: Attributes;
}

/** Something that takes time. */
export interface Span {
  /** By which others, in other processes too, belong to it; null where spans go nowhere. */
  readonly traceparent: string | null;
  /** It is over; with the code of an error, it did not work. Only the first call counts. */
  end(outcome?: { readonly error?: string; readonly attributes?: Attributes }): void;
}

/** Where spans go. */
export interface Spans {
  readonly on: boolean;
  start(name: string, start?: SpanStart): Span;
  /** Sends what is left, for some seconds at most. */
  close(): Promise<void>;
}

const NO_SPAN: Span = { traceparent: null, end: () => undefined };
export const NO_SPANS: Spans = { on: false, start: () => NO_SPAN, close: async () => undefined };

/** Spans sent by OTLP over HTTP to a collector; without one, nothing is loaded and nothing started. */
export async function openSpans(collectorUrl: string | null, resource: Attributes): Promise<Spans> {
  if (collectorUrl === null) return NO_SPANS;
  const { openOtlp } = await import('./otlp.js');
  return openOtlp(collectorUrl, resource);
}

/** Work within a span, which ends with it; what it throws is the span's error. */
export async function spanned<T>(
  spans: Spans,
  name: string,
  start: SpanStart,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = spans.start(name, start);
  try {
    return await work(span);
  } catch (error) {
    span.end({ error: asQibenchError(error).code });
    throw error;
  } finally {
    span.end();
  }
}
