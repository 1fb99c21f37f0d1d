// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorDetail } from '#contract/error.js';
import type { JobRequest } from '#contract/job.js';
import type { QemuInvocation } from '#contract/qemu-invocation.js';
import type { VariantRequest } from '#contract/variant.js';

export type VariantDraft = Exclude<VariantRequest, string>;

/** A job request being edited. Values without a field in the form are kept. */
export type Draft = Omit<JobRequest, 'variants' | 'measure' | 'thresholds'> & {
  variants: VariantDraft[];
  measure?: Partial<JobRequest['measure']>;
  thresholds?: JobRequest['thresholds'];
};

/** Properties that every part of the form gets. */
export interface FormProps {
  draft: Draft;
  change: (changes: Partial<Draft>) => void;
  /** Errors of the service for a field and the fields within it. */
  errorsAt: (path: string) => string[];
}

export const NEW_DRAFT: Draft = {
  name: '',
  qemu: { version: '', target: 'x86_64-softmmu' },
  events: [],
  variants: [
    { mode: 'none', trace: false },
    { mode: 'dynamic', trace: false },
    { mode: 'static', trace: false },
  ],
  workloads: [],
};

export function draftOf(request: JobRequest): Draft {
  return {
    ...request,
    variants: request.variants.map((variant) =>
      typeof variant === 'string' ? { mode: variant, trace: false } : variant,
    ),
  };
}

/** Returns the draft with an earlier job as its baseline, which replaces any other baseline. */
export function withBaseline(draft: Draft, jobId: string): Draft {
  return { ...draft, baseline: { job: jobId } };
}

/** Returns the request of a draft in its shortest form. */
export function requestOf(draft: Draft): Partial<JobRequest> {
  const {
    name,
    events,
    instrumentation,
    thresholds,
    variants,
    workloads,
    instructions,
    measure,
    qemu,
    ...rest
  } = draft;
  const measured = withoutEmpty(measure ?? {});
  return withoutEmpty({
    name,
    qemu: withoutEmpty(qemu),
    events: events.length === 0 ? undefined : events,
    instrumentation,
    variants: variants.map(shortVariant),
    workloads: workloads.map((workload) =>
      withoutEmpty({
        ...workload,
        parameters: Object.keys(workload.parameters).length === 0 ? undefined : workload.parameters,
        qemu: shortInvocation(workload.qemu),
      }),
    ),
    measure: Object.keys(measured).length === 0 ? undefined : measured,
    ...rest,
    thresholds: thresholds?.length ? thresholds : undefined,
    instructions: instructions || undefined,
  }) as Partial<JobRequest>;
}

function shortVariant(variant: VariantDraft): unknown {
  const { mode, arguments: words = [] } = variant;
  const filled = words
    .map((argument) => (mode === 'plugin' ? argument.trim() : argument))
    .filter((argument) => argument !== '');
  const written = withoutEmpty({
    ...variant,
    trace: variant.trace || undefined,
    arguments: filled.length === 0 ? undefined : filled,
    events: variant.events?.filter((pattern) => pattern !== ''),
    qemu: shortInvocation(variant.qemu),
  });
  return Object.keys(written).length === 1 && mode !== 'backend' && mode !== 'plugin'
    ? mode
    : written;
}

function shortInvocation(invocation: QemuInvocation | undefined): object | undefined {
  const filled = withoutEmpty(invocation ?? {});
  return Object.keys(filled).length === 0 ? undefined : filled;
}

function withoutEmpty(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  );
}

/** Returns the messages about a field and the fields within it. */
export function messagesAt(details: readonly ErrorDetail[], path: string): string[] {
  return details
    .filter((detail) => detail.path === path || detail.path.startsWith(`${path}.`))
    .map((detail) =>
      detail.path === path
        ? detail.message
        : `${detail.path.slice(path.length + 1)}: ${detail.message}`,
    );
}

/** Returns the value of a text field; undefined if it is empty. */
export function filledText(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** Returns the value of a number field; undefined if it is empty. */
export function filledNumber(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
}
