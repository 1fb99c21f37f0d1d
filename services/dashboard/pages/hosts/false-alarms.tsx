// SPDX-License-Identifier: GPL-2.0-or-later
import type { Host } from '#contract/host.js';
import { percent } from '../../format/numbers.js';
import { Badge } from '../../components/badge.js';

/**
 * Shows whether the verdicts of this host may gate. Colour, mark and words have the same meaning.
 */
export function FitBadge({ host }: { host: Host }) {
  if (host.advisory) return <Badge tone={['worse', '▲']}>advisory only</Badge>;
  if (host.comparisons === 0) return <Badge tone={['unsure', '?']}>false alarms unknown</Badge>;
  if (isWide(host)) return <Badge tone={['unsure', '?']}>few A/A comparisons</Badge>;
  return <Badge tone={['better', '✓']}>fit to judge</Badge>;
}

/** Shows the false-alarm rate of a host and its consequence. */
export function FalseAlarms({ host }: { host: Host }) {
  const { comparisons, alarms, rate, low, high, nominal } = host;
  return (
    <section aria-label="False alarms">
      <h3>False alarms</h3>
      {rate === null ? (
        <p>
          No A/A job of an administrator has run on this host within 90 days. An A/A job has{' '}
          <code>baseline: same</code>; every difference that it reports is a false alarm of the
          host.
        </p>
      ) : (
        <>
          <p>
            <strong>{percent(rate)}</strong> of A/A comparisons reported a difference: {alarms} of{' '}
            {comparisons}. The rate is between <strong>{percent(low)}</strong> and{' '}
            <strong>{percent(high)}</strong> (exact 95 % interval); at most {percent(nominal)} are
            expected.
          </p>
          <Scale rate={rate} low={low} high={high} nominal={nominal} />
          <p className="soft">{consequence(host)}</p>
        </>
      )}
    </section>
  );
}

/** Returns whether the interval is too wide for a conclusion. */
const isWide = ({ high, nominal }: Host): boolean => high > 4 * nominal;

function consequence(host: Host): string {
  const { advisory, nominal, comparisons } = host;
  if (advisory)
    return (
      `Even the lower end of the interval is above ${percent(nominal)}: this host reports too many ` +
      'differences. Its verdicts are advisory and must not block anything; every comparison ' +
      'measured on it shows a notice.'
    );
  if (isWide(host))
    return (
      `${comparisons} comparisons are few, so the interval is wide. It contains ` +
      `${percent(nominal)}: there is little evidence for this host or against it. More A/A jobs ` +
      'narrow the interval.'
    );
  return `The interval does not lie above ${percent(nominal)}: the verdicts of this host count.`;
}

/** Draws the interval on a scale from 0 to at most 1, with the nominal rate. */
function Scale({
  rate,
  low,
  high,
  nominal,
}: {
  rate: number;
  low: number;
  high: number;
  nominal: number;
}) {
  const end = [0.1, 0.2, 0.5, 1].find((candidate) => candidate >= high) ?? 1;
  const x = (share: number) => `${1 + (share / end) * 98}%`;
  return (
    <svg
      className="alarm-scale"
      height="62"
      role="img"
      aria-label={
        `False alarm rate ${percent(rate)}, interval ${percent(low)} to ${percent(high)}, ` +
        `nominal ${percent(nominal)}`
      }
    >
      <line className="axis" x1={x(0)} x2={x(end)} y1="40" y2="40" />
      {[0, 0.25, 0.5, 0.75, 1].map((part) => (
        <g key={part}>
          <line className="axis" x1={x(part * end)} x2={x(part * end)} y1="40" y2="45" />
          <text
            x={x(part * end)}
            y="60"
            textAnchor={part === 0 ? 'start' : part === 1 ? 'end' : 'middle'}
          >
            {percent(part * end, end < 0.4 ? 1 : 0)}
          </text>
        </g>
      ))}
      <rect
        className="interval"
        x={x(low)}
        width={`${((high - low) / end) * 98}%`}
        y="20"
        height="14"
        rx="3"
      />
      <circle className="rate" cx={x(rate)} cy="27" r="6" />
      <line className="nominal" x1={x(nominal)} x2={x(nominal)} y1="14" y2="44" />
      <text x={x(nominal)} y="11" textAnchor={nominal / end < 0.1 ? 'start' : 'middle'}>
        nominal
      </text>
    </svg>
  );
}
