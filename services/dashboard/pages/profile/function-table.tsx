// SPDX-License-Identifier: GPL-2.0-or-later
import type { Profile } from '#contract/profile.js';
import { costWords, PART_WORDS } from '#contract/explanation-words.js';
import { percent } from '../../format/numbers.js';

const SHOWN = 60;

/** Shows the most expensive functions whose name or file contains the text. */
export function FunctionTable({ profile, search }: { profile: Profile; search: string }) {
  const found = profile.functions.filter(
    ({ name, file }) => name.includes(search) || file.includes(search),
  );
  if (found.length === 0) return <p className="empty">No function matches the search.</p>;
  return (
    <div className="table-scroll">
      <table aria-label="Functions">
        <thead>
          <tr>
            <th scope="col">Function</th>
            <th scope="col">Source</th>
            <th scope="col">Part</th>
            <th scope="col" className="number">
              Own {profile.unit}
            </th>
            <th scope="col" className="number">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {found.slice(0, SHOWN).map(({ name, file, object, part, self, lines }) => (
            <tr key={`${object} ${name} ${file} ${part}`}>
              <th scope="row" className="mono">
                {name}
              </th>
              <td className="mono small">
                {file === ''
                  ? object
                  : `${file}${lines[0] === undefined ? '' : `:${lines[0].line}`}`}
              </td>
              <td>{PART_WORDS[part]}</td>
              <td className="number">{costWords(self)}</td>
              <td className="number">{percent(self / profile.total, 2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {found.length > SHOWN && (
        <p className="soft">{found.length - SHOWN} cheaper functions are not shown.</p>
      )}
    </div>
  );
}
