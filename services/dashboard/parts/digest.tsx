/** A digest or key, short; the whole of it is its title. */
export function Digest({ digest }: { digest: string }) {
  return (
    <code className="soft" title={digest}>
      {digest.replace(/^sha256:/, '').slice(0, 12)}
    </code>
  );
}
