// SPDX-License-Identifier: GPL-2.0-or-later
import './progress-bar.css';

/** Shows progress as a bar. */
export function ProgressBar({
  done,
  total,
  label,
}: {
  done: number;
  total: number;
  label: string;
}) {
  return <progress className="progress" value={done} max={total} aria-label={label} />;
}
