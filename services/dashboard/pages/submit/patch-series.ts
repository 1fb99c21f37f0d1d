// SPDX-License-Identifier: GPL-2.0-or-later

/** Bytes of a patch that are searched for its subject. */
const HEADER_BYTES = 65_536;
/** Longest series that is checked; a longer total is a mistake or an attack. */
const LONGEST_SERIES = 1_000;

/**
 * Returns the patches that a series lacks, as `2/3`. The subjects tell, as git writes them:
 * `[PATCH 1/3]`. Browsers leave out links without a word, so a page cannot see them.
 * @param uploaded Files as uploaded. Builds apply only patches outside of folders.
 */
export async function absentPatches(
  uploaded: readonly { readonly path: string; readonly content: Blob }[],
): Promise<string[]> {
  const present = new Map<number, Set<number>>();
  for (const { path, content } of uploaded) {
    if (!/^[^/]+\.patch$/.test(path)) continue;
    const header = await content.slice(0, HEADER_BYTES).text();
    const [, number, total] =
      /^Subject:\s*\[[^\]]*?(\d+)\/(\d+)\]/m.exec(header)?.map(Number) ?? [];
    if (number === undefined || total === undefined || total > LONGEST_SERIES) continue;
    present.set(total, (present.get(total) ?? new Set<number>()).add(number));
  }
  return [...present].flatMap(([total, numbers]) =>
    Array.from({ length: total }, (_, index) => index + 1)
      .filter((number) => !numbers.has(number))
      .map((number) => `${number}/${total}`),
  );
}
