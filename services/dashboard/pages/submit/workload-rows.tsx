// SPDX-License-Identifier: GPL-2.0-or-later
import type { WorkloadRequest, WorkloadDefinition } from '#contract/workload.js';
import { FieldErrors } from '../../components/field.js';
import type { FormProps } from './draft.js';
import { ShippedWorkloadRow, UploadedWorkloadRow } from './workload-row.js';

/** Fields for the workloads: guests that every variant runs. */
export function WorkloadRows({
  draft,
  change,
  errorsAt,
  workloads: known,
}: FormProps & { workloads: readonly WorkloadDefinition[] }) {
  const { workloads, qemu } = draft;
  const fitting = known.filter(({ targets }) => targets.includes(qemu.target));
  const next =
    fitting.find(({ name }) => !workloads.some((chosen) => chosen.name === name)) ?? fitting[0];
  const below = workloads.some((_, index) => errorsAt(`workloads.${index}`).length > 0);
  return (
    <section className="card" aria-label="Workloads">
      <div className="card-head">
        <h2>Workloads</h2>
        <span className="soft">guests that run on {qemu.target}</span>
      </div>
      {workloads.length === 0 && <p className="soft">No workloads selected.</p>}
      <ul className="rows">
        {workloads.map((workload, index) => {
          const row = {
            number: index + 1,
            workload,
            errorsAt: (path: string) => errorsAt(`workloads.${index}${path}`),
            onChange: (changed: WorkloadRequest) =>
              change({ workloads: workloads.with(index, changed) }),
            onRemove: () => change({ workloads: workloads.filter((_, other) => other !== index) }),
          };
          return workload.name === undefined ? (
            <UploadedWorkloadRow key={index} {...row} />
          ) : (
            <ShippedWorkloadRow key={index} {...row} fitting={fitting} />
          );
        })}
      </ul>
      {!below && <FieldErrors errors={errorsAt('workloads')} />}
      <div className="row">
        <button
          type="button"
          disabled={next === undefined}
          onClick={() =>
            change({ workloads: [...workloads, { name: next!.name, parameters: {} }] })
          }
        >
          Add a workload
        </button>
        <button
          type="button"
          onClick={() => change({ workloads: [...workloads, { from: '', parameters: {} }] })}
        >
          Upload a workload
        </button>
      </div>
    </section>
  );
}
