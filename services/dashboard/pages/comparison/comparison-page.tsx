import { useTitle } from '../../parts/title.js';

export function ComparisonPage({ id }: { id: string }) {
  useTitle('Comparison');
  return <h1>Comparison {id}</h1>;
}
