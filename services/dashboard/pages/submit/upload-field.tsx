// SPDX-License-Identifier: GPL-2.0-or-later
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { DIGEST_PATTERN } from '#contract/constants.js';
import type { UploadKind } from '#contract/upload.js';
import { FailureNotice } from '../../components/error-notice.js';
import { Field } from '../../components/field.js';
import { UploadFiles } from '../../components/upload-files.js';
import { filledText } from './draft.js';
import { chosenFiles, droppedFiles, uploadedFiles, uploadLocal, type LocalFile } from './pack.js';
import { PasteCode } from './paste-code.js';
import { absentPatches } from './patch-series.js';
import { uploadWorkload } from './upload-workload.js';

interface UploadFieldProps {
  kind: UploadKind;
  /** Name of the upload within a sentence. */
  label: string;
  digest: string | undefined;
  onChange: (digest: string | undefined) => void;
  errors: readonly string[];
}

/**
 * Field for an upload: files that are chosen, dropped or pasted, or the digest of an earlier
 * upload.
 */
export function UploadField({ kind, label, digest, onChange, errors }: UploadFieldProps) {
  const [over, setOver] = useState(false);
  const [pastes, setPastes] = useState(false);
  const [share, setShare] = useState(0);
  const upload = useMutation({
    mutationFn: async (chosen: LocalFile[] | Promise<LocalFile[]>) => {
      setShare(0);
      const files = await chosen;
      const { digest } = await (kind === 'workload'
        ? uploadWorkload(files, setShare)
        : uploadLocal(files));
      return {
        digest,
        absent: kind === 'patches' ? await absentPatches(uploadedFiles(files)) : [],
      };
    },
    onSuccess: (made) => onChange(made.digest),
  });
  const name = kind === 'code' ? 'instrument.c' : 'change.patch';
  const busy = kind === 'workload' ? `Uploading … ${Math.floor(100 * share)} %` : 'Uploading …';
  return (
    <div className="upload" role="group" aria-label={`Files of the ${label}`}>
      <div
        className={`drop ${over ? 'over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          upload.mutate(droppedFiles(event.dataTransfer));
        }}
      >
        <span className="soft" role="status">
          {upload.isPending ? busy : 'Drop files or a folder here, or'}
        </span>
        <FileButton text="Choose files" onFiles={upload.mutate} />
        <FileButton text="Choose folder" folder onFiles={upload.mutate} />
        {kind !== 'workload' && (
          <button type="button" aria-expanded={pastes} onClick={() => setPastes(!pastes)}>
            {kind === 'code' ? 'Paste code' : 'Paste a patch'}
          </button>
        )}
      </div>
      <p className="soft">
        Hidden files are left out. Browsers leave out links: put files in their place.
      </p>
      {pastes && (
        <PasteCode
          name={name}
          busy={upload.isPending}
          onUpload={(text) => upload.mutate([{ path: name, content: new Blob([text]) }])}
        />
      )}
      {upload.isError && <FailureNotice error={upload.error} />}
      {upload.isSuccess && upload.data.digest === digest && upload.data.absent.length > 0 && (
        <p className="notice unsure" role="status">
          The series lacks {upload.data.absent.join(', ')}. If these patches are links, put files in
          their place.
        </p>
      )}
      <Field label={`Digest of the ${label}`} errors={errors}>
        {(control) => (
          <input
            {...control}
            className="mono"
            spellCheck={false}
            placeholder="sha256:…"
            value={digest ?? ''}
            onChange={(event) => onChange(filledText(event.target.value.trim()))}
          />
        )}
      </Field>
      {digest !== undefined && DIGEST_PATTERN.test(digest) && (
        <UploadFiles key={digest} digest={digest} open />
      )}
    </div>
  );
}

function FileButton({
  text,
  folder = false,
  onFiles,
}: {
  text: string;
  folder?: boolean;
  onFiles: (files: LocalFile[]) => void;
}) {
  return (
    <label className="button">
      {text}
      <input
        type="file"
        className="visually-hidden"
        multiple
        {...(folder ? { webkitdirectory: '' } : {})}
        onChange={(event) => {
          const { files } = event.target;
          if (files !== null && files.length > 0) onFiles(chosenFiles(files));
          event.target.value = ''; // choosing the same files again is a change, too
        }}
      />
    </label>
  );
}
