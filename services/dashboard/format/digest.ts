const SHOWN_DIGITS = 12;

/** A digest or key, or a host whose name is made of some, short enough to be read; the whole of it belongs into a title. Other names stay as they are. */
export function shortDigest(text: string): string {
  return text.replaceAll(/\b(?:sha256:)?([0-9a-f]{64})\b/g, (_, digits: string) =>
    digits.slice(0, SHOWN_DIGITS),
  );
}
