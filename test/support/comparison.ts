// SPDX-License-Identifier: GPL-2.0-or-later
import type {
  ChangeRow,
  Comparison,
  ComparisonRow,
  RatioInterval,
  SideRow,
} from '#contract/comparison.js';

/**
 * The interval of a ratio: one per cent to either side, from twelve blocks, with optional
 * overrides.
 */
export function intervalOf(ratio: number, details: Partial<RatioInterval> = {}): RatioInterval {
  return {
    ratio,
    low: ratio - 0.01,
    high: ratio + 0.01,
    confidence: 0.95,
    method: 'bca-bootstrap',
    blocks: 12,
    ...details,
  };
}

/** An undecided change of `dynamic`'s overhead on `port-io`, with optional overrides. */
export function changeRow(details: Partial<ChangeRow> = {}): ChangeRow {
  return {
    variant: 'dynamic',
    workload: 'port-io',
    blocks: 12,
    ratio: intervalOf(1),
    pValue: 0.5,
    adjustedP: 0.5,
    minimumDetectableRatio: 1.04,
    threshold: 0.02,
    verdict: 'inconclusive',
    suspected: false,
    processor: null,
    moved: null,
    oneBuild: false,
    confirmation: null,
    ...details,
  };
}

/** An undecided row of head against base, with optional overrides. */
export function sideRow(details: Partial<SideRow> = {}): SideRow {
  return { ...changeRow(), headMedian: 2, baseMedian: 1, ...details };
}

/** The undecided cost of `dynamic` on `port-io`, with optional overrides. */
export function costRow(details: Partial<ComparisonRow> = {}): ComparisonRow {
  return {
    variant: 'dynamic',
    side: 'head',
    workload: 'port-io',
    blocks: 12,
    medianWallNs: 1e8,
    median: 1e8,
    ratio: intervalOf(1),
    pValue: 0.5,
    adjustedP: 0.5,
    minimumDetectableRatio: 1.04,
    threshold: 0.02,
    verdict: 'inconclusive',
    events: null,
    cost: null,
    processor: null,
    moved: null,
    oneBuild: false,
    recordsStored: null,
    recordsDropped: null,
    ...details,
  };
}

/** A comparison of a fixed number of blocks without rows, with optional overrides. */
export function comparisonOf(details: Partial<Comparison> = {}): Comparison {
  return {
    jobId: 'j',
    metric: 'wallNs',
    unit: 'ns',
    direction: 'smaller-is-better',
    baseline: 'none',
    rows: [],
    sides: [],
    changes: [],
    same: false,
    sizes: [],
    progress: {
      blocks: 12,
      spentSeconds: 3,
      withinSeconds: null,
      undecided: 0,
      remainingSeconds: 0,
    },
    comparisons: 1,
    fewestBlocks: 6,
    explanations: [],
    hostFingerprints: [],
    mixedHosts: false,
    advisory: false,
    advisoryReasons: [],
    reproduce: '',
    link: '',
    ...details,
  };
}
