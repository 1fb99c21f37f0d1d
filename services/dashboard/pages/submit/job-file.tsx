// SPDX-License-Identifier: GPL-2.0-or-later
import { useState } from 'react';
import { requestOf, type Draft } from './draft.js';

/** Shows the job file that is equivalent to the form. */
export function JobFile({ draft }: { draft: Draft }) {
  const [copied, setCopied] = useState(false);
  const text = JSON.stringify(requestOf(draft), null, 2);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <section className="card job-file" aria-label="Job file">
      <div className="card-head">
        <h2>Job file</h2>
        {'clipboard' in navigator && (
          <button type="button" onClick={() => void copy()} onBlur={() => setCopied(false)}>
            {copied ? 'Copied' : 'Copy'}
          </button>
        )}
      </div>
      <pre tabIndex={0} aria-label="Text of the job file">
        {text}
      </pre>
      <p className="field-hint">
        For <code>./qibench submit job.json</code>, or the body of <code>POST /v1/jobs</code>.
      </p>
    </section>
  );
}
