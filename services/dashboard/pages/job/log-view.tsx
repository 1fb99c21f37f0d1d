// SPDX-License-Identifier: GPL-2.0-or-later
import { memo, useLayoutEffect, useRef, useState } from 'react';
import { count } from '../../format/numbers.js';
import { FailureNotice } from '../../components/error-notice.js';
import { KEPT_LINES, useLog, type LogPiece } from './use-log.js';

/** Distance from the end, in px, within which the view follows the log. */
const NEAR_PX = 24;

/** Shows a job's log and follows new output until the reader scrolls up. */
export function LogView({ id }: { id: string }) {
  const { pieces, truncated, failed } = useLog(id);
  const [follows, setFollows] = useState(true);
  const box = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    if (follows) box.current!.scrollTop = box.current!.scrollHeight;
  }, [follows, pieces]);
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!;
    setFollows(scrollHeight - scrollTop - clientHeight < NEAR_PX);
  };
  return (
    <section className="card" aria-label="Log">
      <div className="card-head">
        <h2>Log</h2>
        <label className="row">
          <input
            type="checkbox"
            checked={follows}
            onChange={(event) => setFollows(event.target.checked)}
          />{' '}
          Follow
        </label>
      </div>
      {failed !== null && <FailureNotice error={failed} />}
      {truncated && (
        <p className="soft">
          Only about the last {count(KEPT_LINES)} lines are shown.{' '}
          <code>./qibench job log {id}</code> prints all of them.
        </p>
      )}
      <pre className="log" ref={box} tabIndex={0} aria-label="Output" onScroll={onScroll}>
        {pieces.length === 0 ? (
          <span className="soft">No output yet.</span>
        ) : (
          pieces.map((piece) => <Piece key={piece.sequence} piece={piece} />)
        )}
      </pre>
    </section>
  );
}

const Piece = memo(function Piece({ piece }: { piece: LogPiece }) {
  return <span>{piece.text}</span>;
});
