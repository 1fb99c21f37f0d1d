// SPDX-License-Identifier: GPL-2.0-or-later
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Attributes, Spans } from './spans.js';

const SEND_LIMIT_MS = 5_000;
const CLOSE_LIMIT_MS = 6_000;
const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Sends spans to the collector at this address, in batches. A collector that does not answer costs
 * spans and nothing else.
 */
export function openOtlp(collectorUrl: string, resource: Attributes): Spans {
  const exporter = new OTLPTraceExporter({
    url: `${collectorUrl.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: SEND_LIMIT_MS,
  });
  // Not registered globally: callers always pass the parent of a span.
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes(resource),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('qibench');
  return {
    on: true,
    start(name, { parent = null, startedAt, kind = 'internal', attributes } = {}) {
      const span = tracer.startSpan(
        name,
        { kind: KINDS[kind], attributes, startTime: startedAt },
        contextOf(parent),
      );
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
        end({ error, attributes: more = {} } = {}) {
          if (!span.isRecording()) return;
          span.setAttributes(error === undefined ? more : { ...more, 'error.type': error });
          if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    async close() {
      const limit = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), limit]);
    },
  };
}

/**
 * Parses a traceparent; an invalid one starts a new trace.
 *
 * @see W3C Trace Context, 3.2
 */
function contextOf(traceparent: string | null): Context {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '');
  if (match === null) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: match[1]!,
    spanId: match[2]!,
    traceFlags: Number.parseInt(match[3]!, 16),
    isRemote: true,
  });
}
