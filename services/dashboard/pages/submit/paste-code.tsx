// SPDX-License-Identifier: GPL-2.0-or-later
import { useState } from 'react';
import { Field } from '../../components/field.js';

interface PasteCodeProps {
  /** Name of the file that the text becomes. */
  name: string;
  busy: boolean;
  onUpload: (text: string) => void;
}

export function PasteCode({ name, busy, onUpload }: PasteCodeProps) {
  const [text, setText] = useState('');
  return (
    <>
      <Field label={name}>
        {(control) => (
          <textarea
            {...control}
            rows={12}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <div className="row">
        <button type="button" disabled={busy || text.trim() === ''} onClick={() => onUpload(text)}>
          Upload {name}
        </button>
      </div>
    </>
  );
}
