// SPDX-License-Identifier: GPL-2.0-or-later
import { Link } from 'wouter';
import type { Comparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import { addressOf, serviceUrl } from '../../http/address.js';
import { withQuery } from '../../http/client.js';
import { Command } from '../../components/command.js';
import { ExportLinks } from '../../components/export-links.js';
import { writeChoice, type Choice } from './choice.js';

/** Shows link, badge, command to reproduce the job, and downloads. */
export function Share({
  job,
  comparison,
  choice,
}: {
  job: Job;
  comparison: Comparison;
  choice: Choice;
}) {
  const query = writeChoice({ ...choice, mixedHosts: false, with: null }).toString();
  const link = query === '' ? comparison.link : `${comparison.link}?${query}`;
  const [variant = null] = choice.variants.length === 1 ? choice.variants : [];
  const badge = withQuery(`/v1/jobs/${job.id}/badge.svg`, {
    workload: choice.workload,
    variant,
    metric: choice.metric === 'wallNs' ? null : choice.metric,
  });
  return (
    <div className="columns no-print">
      <section className="card" aria-labelledby="share">
        <h2 id="share">Link and badge</h2>
        <Command label="Short link" text={link} />
        <p>
          <img
            className="badge-image"
            src={addressOf(badge)}
            alt="Badge: result of this job"
            height="20"
          />
        </p>
        <Command
          label="Markdown of the badge"
          text={`[![qibench](${serviceUrl()}${badge})](${link})`}
        />
        <p className="soft">The badge shows the worst result of the selection above.</p>
      </section>
      <section className="card" aria-labelledby="reproduce">
        <h2 id="reproduce">Run it again</h2>
        <Command label="Command that reproduces the job" text={comparison.reproduce} />
        <p>
          <Link href={`/submit?from=${job.id}&baseline=${job.id}`}>
            New job compared with this one
          </Link>
        </p>
        <h3>Download</h3>
        <ExportLinks id={job.id} />
      </section>
    </div>
  );
}
