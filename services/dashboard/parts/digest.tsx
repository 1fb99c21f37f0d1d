import { shortDigest } from '../format/digest.js';

/** A digest or key, short; the whole of it is its title. */
export function Digest({ digest }: { digest: string }) {
  return (
    <code className="soft" title={digest}>
      {shortDigest(digest)}
    </code>
  );
}
