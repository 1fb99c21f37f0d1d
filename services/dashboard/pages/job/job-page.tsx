import { useTitle } from '../../parts/title.js';

export function JobPage({ id }: { id: string }) {
  useTitle('Job');
  return <h1>Job {id}</h1>;
}
