import { useTitle } from '../../parts/title.js';

export function HistoryPage() {
  useTitle('History');
  return <h1>History</h1>;
}
