// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Digest } from './digest.js';
import { storable } from './project.js';
import { EventName, Target, targetKind } from './qemu.js';
import {
  isReserved,
  mergedInvocation,
  oneLine,
  QemuInvocation,
  RESERVED,
  wordsBeforeProgram,
} from './qemu-invocation.js';
import type { Swept } from './sweep.js';

/** Version of the format of workload.yaml. */
const WORKLOAD_SCHEMA = 'qibench.workload/1';

/** Text without a length limit of its own; it is stored with the plan of a job. */
const Text = storable(z.string());

const Name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/, 'lower-case letters, digits and -, at most 64');
/** A metric's name, as in a metric line; imports accept the same maximum length. */
const MetricName = z
  .string()
  .regex(
    /^[a-z][a-zA-Z0-9_.:/-]{0,63}$/,
    'a lower-case letter, then letters, digits and _ . : / -, at most 64',
  );
export const ParameterName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, 'lower-case letters, digits and _, at most 32');

const WorkloadParameter = z.strictObject({
  description: Text,
  type: z.literal('integer'),
  unit: Text,
  default: z.number().int(),
  minimum: z.number().int(),
  maximum: z.number().int(),
  stage: z
    .enum(['build', 'run'])
    .describe(
      'build: an ARG of the workload image, or a variable of make; run: replaces {name} in run.arguments',
    ),
});

/** Text that a guest prints; dockerfiles/runner/region.h has the same limit. */
const RegionMark = z.string().regex(/^[ -~]{4,200}$/, 'printable ASCII, 4 to 200 characters');

/** Direction in which a metric gets better. */
const Direction = z.enum(['smaller', 'larger']);

/**
 * The file workload.yaml of a shipped or an uploaded workload: requirements of a guest, its QEMU
 * command line, and known facts about it.
 */
export const WorkloadDefinition = z
  .strictObject({
    schema: z
      .literal(WORKLOAD_SCHEMA, `must be ${WORKLOAD_SCHEMA}, the only version of this format`)
      .optional()
      .describe('version of the format; a file without it has version 1'),
    name: Name,
    summary: Text,
    targets: z.array(Target).min(1),
    parameters: z.record(ParameterName, WorkloadParameter).default({}),
    size: z
      .strictObject({ parameter: ParameterName, empty: z.number().int() })
      .optional()
      .describe('the parameter that scales the work, and its value for almost no work'),
    run: z.strictObject({
      arguments: z
        .array(Text)
        .describe('arguments after the emulator; {name} is replaced by a parameter'),
      targetArguments: z
        .partialRecord(Target, z.array(Text))
        .default({})
        .describe('replacement of arguments, for targets that need others'),
      vcpus: z
        .number()
        .int()
        .min(1)
        .max(64)
        .default(1)
        .describe('virtual CPUs of a guest whose arguments have no -smp'),
      exitStatus: z.number().int().min(0).max(255).describe('exit status of a good run'),
      timeoutSeconds: z.number().int().min(1).max(3600),
      region: z
        .strictObject({ begin: RegionMark, end: RegionMark })
        .optional()
        .describe(
          'texts that the guest prints where the region of interest begins and ends; its time and ' +
            'instructions are metrics of their own',
        ),
      requiredMetrics: z
        .array(Text)
        .default([])
        .describe('metrics without which a run counts as failed'),
    }),
    events: z
      .record(
        EventName,
        z.strictObject({
          perParameter: z.record(ParameterName, z.number()).default({}),
          constant: z.number(),
        }),
      )
      .default({})
      .describe('known event counts, linear in the parameters'),
    metrics: z
      .array(
        z.strictObject({
          name: MetricName,
          unit: Text,
          direction: Direction,
          description: Text,
        }),
      )
      .default([]),
  })
  .superRefine(({ targets, run }, context) => {
    for (const target of targets) {
      const own = run.targetArguments[target];
      const words = own ?? run.arguments;
      const options = targetKind(target) === 'softmmu' ? words : wordsBeforeProgram(words);
      for (const [index, word] of options.entries())
        if (isReserved(word))
          context.addIssue({
            code: 'custom',
            path: ['run', ...(own ? ['targetArguments', target] : ['arguments']), index],
            message: RESERVED,
          });
    }
  })
  .superRefine(({ parameters, size }, context) => {
    if (size === undefined) return;
    const parameter = parameters[size.parameter];
    // A size differs from run to run, so it must not need an image of its own.
    if (parameter?.stage !== 'run')
      context.addIssue({
        code: 'custom',
        path: ['size', 'parameter'],
        message: 'is not a parameter of stage run',
      });
    else if (size.empty < parameter.minimum || size.empty > parameter.maximum)
      context.addIssue({
        code: 'custom',
        path: ['size', 'empty'],
        message: `is not within ${parameter.minimum} and ${parameter.maximum}`,
      });
  });
export type WorkloadDefinition = z.infer<typeof WorkloadDefinition>;

/** Characters of a workload's label. */
export const WORKLOAD_LABEL = 200;

const workloadRequest = <F extends z.ZodType<string>>(folder: F) =>
  z
    .strictObject({
      name: Name.optional().describe('a workload that qibench ships'),
      from: folder.optional().describe('instead of a name: an uploaded workload'),
      label: oneLine(WORKLOAD_LABEL)
        .min(1)
        .optional()
        .describe(
          'name in reports and histories; default: name, parameters, arguments and environment',
        ),
      parameters: z.record(ParameterName, z.number().int()).default({}),
      qemu: QemuInvocation.optional().describe("after the job's `qemu`"),
      timeoutSeconds: z
        .number()
        .int()
        .min(1)
        .max(3600)
        .optional()
        .describe("limit of one run; default: the workload's"),
    })
    .refine(({ name, from }) => (name === undefined) !== (from === undefined), {
      message: 'needs either "name", a workload that qibench ships, or "from", an uploaded one',
      path: ['name'],
    });

/** A workload in a job request. */
export const WorkloadRequest = workloadRequest(Digest);
export type WorkloadRequest = z.infer<typeof WorkloadRequest>;

/** A workload in a job file, where `from` may name a folder. */
export const WorkloadInFile = workloadRequest(z.string().min(1));
export type WorkloadInFile = z.infer<typeof WorkloadInFile>;

export const WorkloadList = z.object({ workloads: z.array(WorkloadDefinition) });

/**
 * Returns the label of a workload, from what the request sets and a sweep adds: `linux-boot smp=4`,
 * `linux-boot -cpu max`. Histories know a workload by its label, so that the job's arguments and
 * environment are in it too.
 */
export function workloadLabel(
  job: { readonly qemu: QemuInvocation },
  {
    name,
    label,
    parameters,
    qemu,
  }: Pick<WorkloadDefinition, 'name'> & Pick<WorkloadRequest, 'label' | 'parameters' | 'qemu'>,
  swept: Swept = {},
): string {
  const added = (values: Readonly<Record<string, string | number>>) =>
    Object.entries(values)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${value}`);
  if (label !== undefined) return [label, ...added(swept)].join(' ');
  const { arguments: words = [], environment = {} } = mergedInvocation(job.qemu, qemu) ?? {};
  return [name, ...added({ ...parameters, ...swept }), ...words, ...added(environment)].join(' ');
}
