import { QibenchError } from '../contract/error.js';
import type { ErrorCode, ErrorDetail } from '../contract/error.js';
import type { JobPlan, JobRequest, PlannedWorkload } from '../contract/job.js';
import { kindOf, type Target, type TraceEvent } from '../contract/qemu.js';
import { isShipped, type Variant, type VariantRequest } from '../contract/variant.js';
import type { WorkloadDefinition, WorkloadRequest } from '../contract/workload.js';
import { isGlob, matchesGlob } from './glob.js';
import { suggestion } from './suggest.js';

/** What is known of one QEMU version. */
export interface VersionKnowledge {
  readonly targets: readonly Target[];
  readonly events: readonly TraceEvent[];
}

/** Everything that a request is checked against. */
export interface Knowledge {
  /** By version, as versions.json names it. */
  readonly versions: Readonly<Record<string, VersionKnowledge>>;
  readonly workloads: readonly WorkloadDefinition[];
}

/** Near names cost time per unknown pattern; beyond so many unknown ones none are looked up. */
const SUGGESTED_PATTERNS = 10;
/** So many broken rules are spelled out in the error's message; `details` has all. */
const SUMMARISED_RULES = 3;

/**
 * What an accepted request will do: patterns expanded, defaults filled in, names settled.
 *
 * @param request a request that has its contract's shape
 * @param seed integer that fixes the order of every block (see blocks.ts)
 * @throws QibenchError with every broken rule in `details`: UNKNOWN_EVENT, UNKNOWN_QEMU_VERSION or UNKNOWN_WORKLOAD
 *   where that is the only one, else INVALID_REQUEST
 */
export function planJob(request: JobRequest, knowledge: Knowledge, seed: number): JobPlan {
  const rules = new BrokenRules();
  const events = planEvents(request, knowledge, rules);
  const variants = planVariants(request, rules);
  const workloads = planWorkloads(request, knowledge, rules);
  rules.throwIfAny();
  return { events, variants, workloads, blocks: request.blocks, seed };
}

function planEvents(request: JobRequest, knowledge: Knowledge, rules: BrokenRules): string[] {
  const { version, target } = request.qemu;
  if (!Object.hasOwn(knowledge.versions, version)) {
    const supported = Object.keys(knowledge.versions).sort().join(', ');
    rules.unknown('UNKNOWN_QEMU_VERSION', 'qemu.version', { version, supported }, `QEMU "${version}" is not supported; supported: ${supported}`);
    return [];
  }
  const known = knowledge.versions[version]!;
  const built = known.targets.includes(target);
  if (!built) {
    rules.add('qemu.target', `QEMU ${version} is not built for "${target}"; its targets: ${known.targets.join(', ')}`);
  }

  const kind = kindOf(target);
  const available = built ? known.events.filter((event) => event.kinds.includes(kind)) : known.events;
  const names = new Set(available.map((event) => event.name));
  const enabled = available.filter((event) => !event.properties.includes('disable'));
  const chosen = new Set<string>();
  let unknown = 0;
  for (const [index, pattern] of request.events.entries()) {
    const path = `events.${index}`;
    const matches = isGlob(pattern)
      ? enabled.filter((event) => matchesGlob(pattern, event.name)).map((event) => event.name)
      : names.has(pattern) ? [pattern] : [];
    for (const name of matches) chosen.add(name);
    if (matches.length > 0) continue;

    if (isGlob(pattern) && available.some((event) => matchesGlob(pattern, event.name))) {
      rules.add(path, `"${pattern}" matches only events that QEMU ${version} disables; name them in full to use them`);
      continue;
    }
    if (known.events.some((event) => matchesGlob(pattern, event.name))) {
      rules.add(path, `QEMU ${version} has "${pattern}" only in emulators of other kinds than ${target}`);
      continue;
    }
    unknown += 1;
    const near = unknown <= SUGGESTED_PATTERNS ? suggestion(pattern.replace(/[*?]/g, ''), names) : '';
    rules.unknown('UNKNOWN_EVENT', path, { version, event: pattern, suggestion: near }, `no event of QEMU ${version} matches "${pattern}"${near}`);
  }
  return [...chosen].sort();
}

function planVariants(request: JobRequest, rules: BrokenRules): Variant[] {
  const variants = request.variants.map(normalise);
  const first = new Map<string, number>();
  for (const [index, variant] of variants.entries()) {
    const path = `variants.${index}`;
    if ((variant.mode === 'dynamic' || variant.mode === 'static') && request.instrumentation === undefined) {
      rules.add(path, `mode "${variant.mode}" needs "instrumentation"`);
    }
    if (variant.mode !== 'none' && variant.mode !== 'plugin' && request.events.length === 0) {
      rules.add(path, `mode "${variant.mode}" needs "events"`);
    }
    const earlier = first.get(variant.name);
    if (earlier === undefined) first.set(variant.name, index);
    else rules.add(path, `is called "${variant.name}" like variants.${earlier}; give one of them another "name"`);
  }
  return variants;
}

/** A variant with every default filled in; its name defaults to the mode, with the backend or with the name of QEMU's own plugin. */
function normalise(request: VariantRequest): Variant {
  if (typeof request === 'string') return { name: request, mode: request, backend: null, plugin: null, arguments: [], trace: false };
  const { mode, backend = null, plugin = null, trace } = request;
  const which = backend ?? (isShipped(plugin) ? plugin : null);
  return { name: request.name ?? (which === null ? mode : `${mode}-${which}`), mode, backend, plugin, arguments: request.arguments ?? [], trace };
}

function planWorkloads(request: JobRequest, knowledge: Knowledge, rules: BrokenRules): PlannedWorkload[] {
  const definitions = new Map(knowledge.workloads.map((definition) => [definition.name, definition]));
  const first = new Map<string, number>();
  const planned: PlannedWorkload[] = [];
  for (const [index, wanted] of request.workloads.entries()) {
    const path = `workloads.${index}`;
    const definition = definitions.get(wanted.name);
    if (definition === undefined) {
      const near = suggestion(wanted.name, definitions.keys());
      rules.unknown('UNKNOWN_WORKLOAD', `${path}.name`, { name: wanted.name, suggestion: near }, `no workload "${wanted.name}"${near}`);
      continue;
    }
    if (!definition.targets.includes(request.qemu.target)) {
      rules.add(`${path}.name`, `"${wanted.name}" does not run on ${request.qemu.target}; it runs on ${definition.targets.join(', ')}`);
    }
    const label = labelOf(wanted);
    const earlier = first.get(label);
    if (earlier === undefined) first.set(label, index);
    else rules.add(path, `is the same workload with the same parameters as workloads.${earlier}`);

    planned.push({
      label,
      name: wanted.name,
      parameters: completeParameters(wanted, definition, path, rules),
      timeoutSeconds: wanted.timeoutSeconds ?? definition.run.timeoutSeconds,
    });
  }
  return planned;
}

/** The name and what was given beside it: `seq-write writes=4000`. */
function labelOf(wanted: WorkloadRequest): string {
  const given = Object.entries(wanted.parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return [wanted.name, ...given.map(([name, value]) => `${name}=${value}`)].join(' ');
}

function completeParameters(wanted: WorkloadRequest, definition: WorkloadDefinition, path: string, rules: BrokenRules): Record<string, number> {
  for (const [name, value] of Object.entries(wanted.parameters)) {
    const field = `${path}.parameters.${name}`;
    if (!Object.hasOwn(definition.parameters, name)) {
      const known = Object.keys(definition.parameters);
      const has = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
      rules.add(field, `"${wanted.name}" has no parameter "${name}"; ${has}`);
      continue;
    }
    const { minimum, maximum, unit } = definition.parameters[name]!;
    if (value < minimum || value > maximum) rules.add(field, `is ${value}, not within ${minimum} to ${maximum} ${unit}`);
  }
  const defaults = Object.entries(definition.parameters).map(([name, parameter]) => [name, parameter.default] as const);
  return { ...Object.fromEntries(defaults), ...wanted.parameters };
}

/** Collects every broken rule before anything is thrown. */
class BrokenRules {
  private readonly details: ErrorDetail[] = [];
  private specific: { code: ErrorCode; values: Record<string, string> } | null = null;

  add(path: string, message: string): void {
    this.details.push({ path, message });
  }

  /** A rule with an error code of its own. */
  unknown(code: ErrorCode, path: string, values: Record<string, string>, message: string): void {
    this.specific = { code, values: { ...values, field: path } };
    this.add(path, message);
  }

  throwIfAny(): void {
    const { details, specific } = this;
    if (details.length === 0) return;
    if (details.length === 1 && specific !== null) throw new QibenchError(specific.code, specific.values, { details });
    const listed = details.slice(0, SUMMARISED_RULES).map(({ path, message }) => `${path}: ${message}`);
    const more = details.length - listed.length;
    const summary = listed.join('; ') + (more > 0 ? `; and ${more} more` : '');
    throw new QibenchError('INVALID_REQUEST', { count: details.length, summary }, { details });
  }
}
