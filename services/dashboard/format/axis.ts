import { bytes, ratio, shortCount } from './numbers.js';

const TIMES = [
  { name: 's', ns: 1e9 },
  { name: 'ms', ns: 1e6 },
  { name: 'µs', ns: 1e3 },
  { name: 'ns', ns: 1 },
] as const;

/** The values of an axis, all in one unit and with as many digits as their distance needs. */
export function axisTexts(values: readonly number[], unit: string): string[] {
  if (unit === 'bytes') return values.map(bytes);
  if (unit === '1') return values.map(ratio);
  const most = Math.max(...values.map(Math.abs));
  if (unit !== 'ns') return values.map((value) => `${most >= 1e4 ? shortCount(value) : String(Number(value.toPrecision(6)))} ${unit}`.trim());
  const time = TIMES.find(({ ns }) => most >= ns) ?? TIMES.at(-1)!;
  const step = values.length < 2 ? time.ns : Math.abs(values[1]! - values[0]!);
  const digits = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step / time.ns) - 1e-9)));
  return values.map((value) => `${(value / time.ns).toFixed(digits)} ${time.name}`);
}
