// SPDX-License-Identifier: GPL-2.0-or-later
import type { ExportFormat } from '#contract/format.js';
import { addressOf } from '../http/address.js';
import './export-links.css';

const FORMATS: Record<ExportFormat, string> = {
  csv: 'CSV, every sample',
  ndjson: 'NDJSON, every sample',
  junit: 'JUnit',
  hyperfine: 'hyperfine',
  bmf: 'Bencher',
  'google-benchmark': 'Google Benchmark',
  'custom-smaller-is-better': 'github-action-benchmark',
};

/** Links to a job's results as files: in the formats of other tools, and as a bundle. */
export function ExportLinks({ id }: { id: string }) {
  return (
    <ul className="downloads">
      {Object.entries(FORMATS).map(([format, name]) => (
        <li key={format}>
          <a href={addressOf(`/v1/jobs/${id}/export?format=${format}`)} download>
            {name}
          </a>
        </li>
      ))}
      <li>
        <a href={addressOf(`/v1/jobs/${id}/bundle`)} download>
          Bundle: inputs and results
        </a>
      </li>
    </ul>
  );
}
