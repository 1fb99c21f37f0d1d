// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process';
import { openSpans, spanned } from '#telemetry/spans.js';
import { readSettings, type Environment } from '#contract/settings.js';
import { collectorUrl, TELEMETRY_SETTINGS } from '#telemetry/settings.js';
import { startReceiver } from '#support/otlp-receiver.js';

/** Opens telemetry in a process that cannot load OpenTelemetry. */
function openWithout(url: string | null): { status: number | null; stderr: string } {
  const hook =
    "export function resolve(s, c, n) { if (s.startsWith('@opentelemetry/')) throw new " +
    "Error('loads ' + s); return n(s, c); }";
  const code = `import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
    const { openTelemetry } = await import(${JSON.stringify(`file://${process.cwd()}/dist/services/telemetry/telemetry.js`)});
    const settings = { QIBENCH_LOG_LEVEL: 'info', QIBENCH_OTLP_URL: ${JSON.stringify(url)} };
    await openTelemetry({ ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: null }, '1', { part: 'api' }, []);`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
}

test('without a collector OpenTelemetry is not loaded', () => {
  expect(openWithout(null)).toMatchObject({ status: 0 });
  expect(openWithout('http://127.0.0.1:9').stderr).toMatch(/loads @opentelemetry/);
});

test(
  'spans reach the collector with their parent, also across processes, and an error ends its ' +
    'span',
  async () => {
    const receiver = await startReceiver();
    const first = await openSpans(receiver.url, { 'service.name': 'first' });
    const second = await openSpans(`${receiver.url}/`, { 'service.name': 'second' });
    const outer = first.start('outer', { kind: 'producer', attributes: { a: 1 } });
    expect(outer.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    await expect(
      spanned(second, 'inner', { parent: outer.traceparent }, () =>
        Promise.reject(new Error('no')),
      ),
    ).rejects.toThrow('no');
    outer.end();
    await first.close();
    await second.close();
    await receiver.close();

    const [parent, child] = ['outer', 'inner'].map((name) =>
      receiver.spans.find((span) => span.name === name)!,
    );
    expect(parent).toMatchObject({ service: 'first', kind: 4, attributes: { a: 1 } });
    expect(parent!.parentSpanId ?? '').toBe('');
    expect(child).toMatchObject({
      service: 'second',
      traceId: parent!.traceId,
      parentSpanId: parent!.spanId,
      status: { code: 2 },
      attributes: { 'error.type': 'INTERNAL' },
    });
  },
);

test('an invalid traceparent starts a new trace', async () => {
  const receiver = await startReceiver();
  const spans = await openSpans(receiver.url, {});
  for (const parent of ['', '00-x-y-01', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01\n`])
    expect(spans.start('s', { parent }).traceparent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-/);
  await spans.close();
  await receiver.close();
});

test("a collector is an http address, and qibench's own setting takes precedence", () => {
  const collectorOf = (environment: Environment) =>
    collectorUrl(readSettings(TELEMETRY_SETTINGS, environment));
  expect(collectorOf({})).toBeNull();
  expect(
    collectorOf({
      QIBENCH_OTLP_URL: 'http://a:4318',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b:4318',
    }),
  ).toBe('http://a:4318');
  expect(() => collectorOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'file:///etc/passwd' })).toThrow(
    /OTEL_EXPORTER_OTLP_ENDPOINT/,
  );
});
