import { useTitle } from '../../parts/title.js';

export function TracePage({ id }: { id: string }) {
  useTitle('Trace');
  return <h1>Trace {id}</h1>;
}
