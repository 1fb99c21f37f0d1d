import { useState } from 'react';
import './command.css';

/** A command to copy. */
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
      {/* Browsers have no clipboard on pages that came over plain HTTP from another machine. */}
      {'clipboard' in navigator && (
        <button type="button" onClick={() => void copy()} onBlur={() => setCopied(false)}>
          {copied ? 'Copied' : 'Copy'}
        </button>
      )}
    </div>
  );
}
