import type { ErrorDetail } from '../../../contract/error.js';
import type { JobRequest } from '../../../contract/job.js';
import type { VariantRequest } from '../../../contract/variant.js';

export type VariantDraft = Exclude<VariantRequest, string>;

/** A request while it is written. What the form has no field for stays as it came. */
export type Draft = Omit<JobRequest, 'variants' | 'measure' | 'thresholds'> & {
  variants: VariantDraft[];
  measure?: Partial<JobRequest['measure']>;
  thresholds?: JobRequest['thresholds'];
};

/** What every part of the form works with. */
export interface FormProps {
  draft: Draft;
  change: (changes: Partial<Draft>) => void;
  /** What the service said against a field, or against one within it. */
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

/** The draft compared with an earlier job; its own base, if it has one, is of no use then. */
export function withBaseline(draft: Draft, jobId: string): Draft {
  return { ...draft, baseline: { job: jobId } };
}

/** The request that a draft stands for, as short as it can be written. */
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
      }),
    ),
    measure: Object.keys(measured).length === 0 ? undefined : measured,
    ...rest,
    thresholds: thresholds?.length ? thresholds : undefined,
    instructions: instructions || undefined,
  }) as Partial<JobRequest>;
}

function shortVariant(variant: VariantDraft): unknown {
  const given = (variant.arguments ?? [])
    .map((argument) => argument.trim())
    .filter((argument) => argument !== '');
  const written = withoutEmpty({
    ...variant,
    trace: variant.trace || undefined,
    arguments: given.length === 0 ? undefined : given,
  });
  return Object.keys(written).length === 1 &&
    variant.mode !== 'backend' &&
    variant.mode !== 'plugin'
    ? variant.mode
    : written;
}

function withoutEmpty(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  );
}

/** Messages about a field and all within it. */
export function messagesAt(details: readonly ErrorDetail[], path: string): string[] {
  return details
    .filter((detail) => detail.path === path || detail.path.startsWith(`${path}.`))
    .map((detail) =>
      detail.path === path
        ? detail.message
        : `${detail.path.slice(path.length + 1)}: ${detail.message}`,
    );
}

/** What a text field gives: nothing where it is empty. */
export function given(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** What a field for numbers gives: nothing where it is empty. */
export function numberGiven(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
}
