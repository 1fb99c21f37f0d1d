// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { Upload } from '#contract/upload.js';
import { bytes } from '../format/numbers.js';
import { get } from '../http/client.js';
import { Digest } from './digest.js';
import { FailureNotice } from './error-notice.js';
import './upload-files.css';

/** Shows an upload's digest and its files. */
export function UploadFiles({ digest, open = false }: { digest: string; open?: boolean }) {
  const upload = useQuery({
    queryKey: ['upload', digest],
    queryFn: ({ signal }) => get<Upload>(`/v1/uploads/${digest}`, signal),
    staleTime: Infinity,
  });
  if (upload.isError) return <FailureNotice error={upload.error} />;
  return (
    <details open={open}>
      <summary>
        <Digest digest={digest} />{' '}
        <span className="soft">
          {upload.data === undefined
            ? '…'
            : `${upload.data.files.length} ${upload.data.files.length === 1 ? 'file' : 'files'}`}
        </span>
      </summary>
      <ul className="upload-files" aria-label="Files">
        {upload.data?.files.map(({ path, sizeBytes }) => (
          <li key={path}>
            <code className="break">{path}</code> <span className="soft">{bytes(sizeBytes)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
