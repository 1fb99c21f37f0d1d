// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';

type Tokens = ReadonlyMap<string, string>;

const css = readFileSync('services/dashboard/style/tokens.css', 'utf8');
const block = (selector: string): Tokens =>
  new Map(
    [
      ...css
        .slice(css.indexOf(`${selector} {`))
        .split('}')[0]!
        .matchAll(/--([\w-]+): (#[0-9a-f]{6});/g),
    ].map(([, name, value]) => [name!, value!]),
  );
const light = block(':root');
const dark: Tokens = new Map([...light, ...block(":root[data-theme='dark']")]);

/** Relative luminance, after WCAG 2.2. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(tokens: Tokens, first: string, other: string): number {
  const [low, high] = [luminance(tokens.get(first)!), luminance(tokens.get(other)!)].sort(
    (a, b) => a - b,
  ) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const TEXT = [
  ...['text', 'text-soft', 'accent', 'worse', 'better', 'unsure', 'same'].flatMap((name) =>
    ['ground', 'raised'].map((ground) => [name, ground]),
  ),
  ...['text', 'text-soft'].map((name) => [name, 'sunken']),
  ...['worse', 'better', 'unsure', 'same', 'accent'].map((name) => [name, `${name}-soft`]),
  ['on-accent', 'accent'],
] as [string, string][];
const SHAPES: [string, string][] = [
  ...Array.from({ length: 8 }, (_, index): [string, string] => [`series-${index + 1}`, 'raised']),
  ['line-strong', 'raised'],
  ['focus', 'ground'],
];

test.each([
  ['light', light],
  ['dark', dark],
] as const)(
  'colours of the %s theme have the contrast of WCAG AA: 4.5 for text, 3 for shapes and edges',
  (_, tokens) => {
    expect(TEXT.filter(([text, ground]) => contrast(tokens, text, ground) < 4.5)).toEqual([]);
    expect(SHAPES.filter(([shape, ground]) => contrast(tokens, shape, ground) < 3)).toEqual([]);
  },
);
