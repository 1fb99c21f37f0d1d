// SPDX-License-Identifier: GPL-2.0-or-later
import { useEffect } from 'react';

/** Sets the title of the browser's tab while a page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · qibench`;
  }, [title]);
}
