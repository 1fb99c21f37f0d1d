// SPDX-License-Identifier: GPL-2.0-or-later
import { useState } from 'react';
import './command.css';

/** Shows a command with a button that copies it. */
export function Command({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div className="command">
      <code tabIndex={0} aria-label={label}>
        {text}
      </code>
      {/* Browsers lack the clipboard on pages from another machine over plain HTTP. */}
      {'clipboard' in navigator && (
        <button type="button" onClick={() => void copy()} onBlur={() => setCopied(false)}>
          {copied ? 'Copied' : 'Copy'}
        </button>
      )}
    </div>
  );
}
