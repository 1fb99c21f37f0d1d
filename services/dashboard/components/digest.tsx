// SPDX-License-Identifier: GPL-2.0-or-later
import { shortDigest } from '../format/digest.js';

/** Shows a short digest or key, with the full one as its title. */
export function Digest({ digest }: { digest: string }) {
  return (
    <code className="soft" title={digest}>
      {shortDigest(digest)}
    </code>
  );
}
