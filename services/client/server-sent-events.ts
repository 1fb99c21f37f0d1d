// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Yields the `data` of each server-sent event, with one data line per event, as the API sends it.
 * @see WHATWG HTML, "Server-sent events".
 */
export async function* serverSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('data: ')) yield line.slice(6);
  }
}
