// SPDX-License-Identifier: GPL-2.0-or-later
import { FieldErrors } from '../../components/field.js';
import type { FormProps } from './draft.js';
import { VariantRow } from './variant-row.js';

/** Fields for the variants: ways to build and start the same QEMU. */
export function VariantRows({ draft, change, errorsAt }: FormProps) {
  const { variants } = draft;
  const below = variants.some((_, index) => errorsAt(`variants.${index}`).length > 0);
  return (
    <section className="card" aria-label="Variants">
      <div className="card-head">
        <h2>Variants</h2>
        <span className="soft">ways to build and start the same QEMU</span>
      </div>
      <ul className="rows">
        {variants.map((variant, index) => (
          <VariantRow
            key={index}
            number={index + 1}
            variant={variant}
            errorsAt={(path) => errorsAt(`variants.${index}${path}`)}
            onChange={(changed) => change({ variants: variants.with(index, changed) })}
            onRemove={() => change({ variants: variants.filter((_, other) => other !== index) })}
          />
        ))}
      </ul>
      {!below && <FieldErrors errors={errorsAt('variants')} />}
      <div className="row">
        <button
          type="button"
          onClick={() => change({ variants: [...variants, { mode: 'none', trace: false }] })}
        >
          Add a variant
        </button>
      </div>
    </section>
  );
}
