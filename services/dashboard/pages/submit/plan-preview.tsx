// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPreview } from '#contract/preview.js';
import { previewWords } from '#contract/preview-words.js';

/** Shows what a job costs: its builds, runs and time. */
export function PlanPreview({ preview }: { preview: JobPreview }) {
  return (
    <section className="card" aria-label="Plan" role="status">
      <h2>Plan</h2>
      <ul>
        {previewWords(preview).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <details>
        <summary>Variants and workloads</summary>
        <div className="submit-pair">
          <ul className="break">
            {preview.plan.variants.map(({ name, side }) => (
              <li key={`${side} ${name}`}>{side === 'base' ? `${name}@base` : name}</li>
            ))}
          </ul>
          <ul className="break">
            {preview.plan.workloads.map(({ label }) => (
              <li key={label}>{label}</li>
            ))}
          </ul>
        </div>
      </details>
    </section>
  );
}
