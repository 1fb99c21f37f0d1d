// SPDX-License-Identifier: GPL-2.0-or-later
import type { Comparison } from '#contract/comparison.js';
import { causeWords, explanationWords } from '#contract/explanation-words.js';

/** Explanations in the headline; the page of profiles has all. */
const SHOWN = 4;

/** Shows the functions that explain most of each difference; nothing without profiles. */
export function Causes({ explanations }: Pick<Comparison, 'explanations'>) {
  const about = explanations.some((one) => one.about === 'side') ? 'side' : 'overhead';
  const shown = explanations
    .filter((one) => one.about === about && one.causes.length > 0)
    .slice(0, SHOWN);
  if (shown.length === 0) return null;
  return (
    <dl className="causes" aria-label="Why">
      {shown.map((explanation) => {
        const words = explanationWords(explanation);
        return (
          <div key={words}>
            <dt>{words}</dt>
            <dd>
              <ol>
                {explanation.causes.map((cause) => (
                  <li key={causeWords(cause, explanation.unit)}>
                    {causeWords(cause, explanation.unit)}
                  </li>
                ))}
              </ol>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
