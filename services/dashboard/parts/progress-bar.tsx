import './progress-bar.css';

/** How much of something is done. */
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
