// SPDX-License-Identifier: GPL-2.0-or-later
import { PROFILE_PARTS, type ProfilePart } from '#contract/profile.js';
import { isTranslated, sourcePath, type CallGraph, type GraphFunction } from './call-graph.js';

/** Shares of the parts in a function's cost, in the order of PROFILE_PARTS; their sum is 1. */
export type Shares = readonly number[];

/** Parts of a graph's functions. */
export interface Classified {
  /** Shares of each function's own code. */
  readonly own: readonly Shares[];
  /** Shares of code that the compiler inlined from a file with a part of its own. */
  inlined(index: number, file: string): Shares;
}

interface Rule {
  readonly part: ProfilePart;
  readonly name?: RegExp;
  /** Path in QEMU's source. */
  readonly file?: RegExp;
  readonly object?: RegExp;
  /** The function belongs to the part even when the program starts. */
  readonly everywhere?: boolean;
}

/** Code that keeps its part when it is inlined into a function of another part. */
const INLINED: readonly Rule[] = [
  {
    part: 'instrumentation',
    name: /^qi_/,
    file: /^(?:instrumentation|instrument|plugin|plugins)\//,
    object: /^(?:libtrace-instrument|plugin)\.so$/,
  },
  { part: 'trace-backend', file: /^trace\/|(?:^|\/)trace-[^/]+\.[ch]$/ },
];

/**
 * Rules in the order in which they apply. A function without a rule, such as memcpy, belongs to the
 * parts of its callers. Before the guest runs, everything belongs to the start, unless its rule
 * holds everywhere.
 */
const RULES: readonly Rule[] = [
  ...INLINED,
  {
    part: 'trace-backend',
    name: /^(?:_nocheck__|_simple_)?trace_|^st_(?:set|init|flush|write|print)|^qemu_log(?:_|v?$)/,
  },
  {
    part: 'idle',
    name: /^(?:__)?(?:p?poll|ppoll64|epoll_wait|select)$|^(?:os_host_main_loop_wait|qemu_poll_ns)/,
    everywhere: true,
  },
  {
    part: 'translation',
    name: /^(?:tb_gen_code|tcg_(?:gen|out|opt|reg_alloc|optimize|temp|emit|op_|func_)|gen_intermediate|translator_|disas_|liveness_pass|la_)/,
    file: /^(?:tcg\/(?!tci)|disas\/)|^accel\/tcg\/(?:translat|tb-maint|plugin-gen|perf)|^target\/[^/]+\/(?:tcg\/)?(?:[^/]*translate|[^/]*decode|insn_trans)|\/decode-[^/]+\.c\.inc$/,
    everywhere: true,
  },
  {
    part: 'execution-loop',
    name: /^(?:cpu_exec|cpu_tb_exec|cpu_loop$|tb_lookup|qemu_main_loop|main_loop_wait|mttcg_cpu_thread_fn|rr_cpu_thread_fn|tcg_cpus?_exec)/,
    file: /^accel\/tcg\/(?:cpu-exec|tcg-accel-ops|tb-jmp-cache|tb-hash)|\/cpu_loop\.c$/,
    everywhere: true,
  },
  {
    part: 'memory-and-locks',
    name: /^(?:_int_|__libc_|g_)?(?:malloc|free|calloc|realloc|memalign|slice_alloc|slice_free|aligned_alloc|posix_memalign)\d*(?:_n)?$|^(?:malloc_consolidate|unlink_chunk|sysmalloc|tcache_|systrim|_int_free)|^(?:___?)?pthread_(?:mutex|cond|rwlock|spin)|^(?:lll_|__lll_|qemu_(?:mutex|rec_mutex|cond|sem|spin|event)_|rcu_|mmap_(?:un)?lock|call_rcu|mprotect$|mmap64$|munmap$|madvise$)/,
    file: /^util\/(?:rcu|qemu-thread|lockcnt|oslib-posix|memalign)/,
  },
  {
    part: 'helpers',
    name: /^helper_/,
    file: /^(?:accel\/tcg\/|target\/|fpu\/)/,
  },
  {
    part: 'devices',
    file: /^(?:hw|chardev|net|block|ui|audio|backends|migration|replay|linux-user|bsd-user)\/|^(?:softmmu|system)\/(?:memory|physmem|ioport|dma|memory_ldst|qtest|cpu-timers|icount)|^memory_ldst/,
  },
];

/** The program's start and end, and the loading of its libraries. */
const START: Rule = {
  part: 'start-up',
  name: /^(?:main|_start|\(below main\)|_dl_|__libc_start|dl_main|qemu_init$|_exit$|exit$|__run_exit)/,
  file: /^(?:linux-user\/(?:main|elfload|linuxload|flatload)\.c|(?:softmmu|system)\/(?:vl|main)\.c)$/,
  object: /^ld(?:-linux|-[0-9])/,
  everywhere: true,
};

const ROUNDS = 60;
const SETTLED = 1e-6;
const PARTS = PROFILE_PARTS.length;
const START_UP = PROFILE_PARTS.indexOf('start-up');

const pure = (part: ProfilePart): Shares => PROFILE_PARTS.map((other) => (other === part ? 1 : 0));
const STARTING = pure('start-up');

/**
 * Divides the functions of a graph into parts. A function without a rule inherits the parts of its
 * callers, by the cost of their calls; a function that nothing calls belongs to the start.
 */
export function classify({ functions, calls }: CallGraph): Classified {
  const rules = functions.map((each) => ruleOf(each, each.file));
  const incoming = new Map<number, { caller: number; weight: number }[]>();
  for (const { caller, callee, cost } of calls) {
    if (caller === callee) continue;
    const list = incoming.get(callee) ?? [];
    // A call that cost nothing still shows where the callee belongs.
    list.push({ caller, weight: cost + 1 });
    incoming.set(callee, list);
  }
  const own: Shares[] = rules.map((rule) => (rule === null ? STARTING : applied(rule, STARTING)));
  for (let round = 0, moved = 1; round < ROUNDS && moved > SETTLED; round += 1) {
    moved = 0;
    for (const [index, rule] of rules.entries()) {
      const callers = incoming.get(index);
      if (callers === undefined || rule?.everywhere === true) continue;
      const next = applied(rule, mixed(callers, own));
      moved = Math.max(moved, ...next.map((share, part) => Math.abs(share - own[index]![part]!)));
      own[index] = next;
    }
  }
  return {
    own,
    inlined(index, file) {
      const { object } = functions[index]!;
      const rule = INLINED.find((one) => one.file!.test(sourcePath(file)));
      return rule === undefined || isTranslated({ ...functions[index]!, object })
        ? own[index]!
        : applied(rule, own[index]!);
    },
  };
}

function mixed(
  callers: readonly { caller: number; weight: number }[],
  own: readonly Shares[],
): Shares {
  const sum = new Array<number>(PARTS).fill(0);
  let total = 0;
  for (const { caller, weight } of callers) {
    total += weight;
    for (let part = 0; part < PARTS; part += 1) sum[part]! += weight * own[caller]![part]!;
  }
  return sum.map((share) => share / total);
}

/** Returns the shares of a function with this rule, called from code with these shares. */
function applied(rule: Rule | null, callers: Shares): Shares {
  if (rule === null) return callers;
  if (rule.everywhere === true) return pure(rule.part);
  const starting = callers[START_UP]!;
  return pure(rule.part).map(
    (share, part) => share * (1 - starting) + (part === START_UP ? starting : 0),
  );
}

function ruleOf(of: GraphFunction, file: string): Rule | null {
  if (isTranslated(of)) return { part: 'translated-code', everywhere: true };
  const path = sourcePath(file);
  const object = of.object.slice(of.object.lastIndexOf('/') + 1);
  return (
    [START, ...RULES].find(
      (rule) =>
        rule.name?.test(of.name) === true ||
        rule.file?.test(path) === true ||
        rule.object?.test(object) === true,
    ) ?? null
  );
}
