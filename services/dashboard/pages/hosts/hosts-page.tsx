import { useTitle } from '../../parts/title.js';

export function HostsPage() {
  useTitle('Hosts');
  return <h1>Hosts</h1>;
}
