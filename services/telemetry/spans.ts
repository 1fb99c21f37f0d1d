// SPDX-License-Identifier: GPL-2.0-or-later
import { asQibenchError } from '#contract/error.js';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  /** W3C traceparent of the parent span; null or absent: the span starts a trace. */
  readonly parent?: string | null;
  /** Default: now. */
  readonly startedAt?: Date;
  readonly kind?: 'internal' | 'server' | 'producer' | 'consumer';
  readonly attributes?: Attributes;
}

/** An operation with a duration. */
export interface Span {
  /** W3C traceparent for child spans, also in other processes; null if spans are not sent. */
  readonly traceparent: string | null;
  /** Ends the span; with an error code, it counts as failed. Only the first call has an effect. */
  end(outcome?: { readonly error?: string; readonly attributes?: Attributes }): void;
}

/** Destination of spans. */
export interface Spans {
  readonly on: boolean;
  start(name: string, start?: SpanStart): Span;
  /** Sends pending spans, for a few seconds at most. */
  close(): Promise<void>;
}

const NO_SPAN: Span = { traceparent: null, end: () => undefined };
export const NO_SPANS: Spans = { on: false, start: () => NO_SPAN, close: async () => undefined };

/**
 * Sends spans by OTLP over HTTP to a collector. Without a collector, nothing is loaded and nothing
 * started.
 */
export async function openSpans(collectorUrl: string | null, resource: Attributes): Promise<Spans> {
  if (collectorUrl === null) return NO_SPANS;
  const { openOtlp } = await import('./otlp.js');
  return openOtlp(collectorUrl, resource);
}

/**
 * Runs work within a span and ends the span with it. An error that the work throws becomes the
 * span's error.
 */
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
