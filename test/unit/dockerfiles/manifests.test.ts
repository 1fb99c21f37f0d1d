// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as apps from 'kubernetes-models/apps/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import ts from 'typescript';
import { parse, parseAllDocuments } from 'yaml';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

const FOLDER = 'dockerfiles/kubernetes';
const MODULES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  v1: core,
  'apps/v1': apps,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
};

const manifests = readdirSync(FOLDER).flatMap((file) =>
  parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8'), { merge: true }).map((document) => ({
    file,
    manifest: document.toJS() as Manifest,
  })),
);

test.each(manifests.map(({ file, manifest }) => [file, manifest.kind, manifest] as const))(
  '%s: the %s is valid under the Kubernetes schema',
  (_file, kind, manifest) => {
    const Model = MODULES[manifest.apiVersion]![kind] as new (data: Manifest) => {
      validate(): void;
    };
    new Model(manifest).validate();
  },
);

test('every field of a Kubernetes manifest is known to Kubernetes', () => {
  expect(unknownFields(manifests.map(({ manifest }) => manifest))).toEqual([]);
});

test('an unknown Kubernetes field is detected', () => {
  expect(
    unknownFields([{ apiVersion: 'v1', kind: 'Service', spec: { prots: [] } } as Manifest]),
  ).toEqual([expect.stringMatching(/prots.*does not exist/)]);
});

test('compose.yaml and the Swarm stack run the same services from the same images', () => {
  const services = (file: string) => {
    const { services } = parse(readFileSync(file, 'utf8').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'), {
      merge: true,
    }) as { services: Record<string, { image: string; command?: string[] }> };
    return Object.fromEntries(
      Object.entries(services).map(([name, { image, command }]) => [
        name,
        { image: image.replace(/:latest$/, ''), command },
      ]),
    );
  };
  expect(services('dockerfiles/stack.yaml')).toEqual(services('compose.yaml'));
});

interface WorkerPod {
  readonly metadata: { readonly labels: Record<string, string> };
  readonly spec: { readonly containers: readonly { env: { name: string; value?: string }[] }[] };
}

test("a worker's operator port is on loopback in its image; on Kubernetes a policy guards it", () => {
  const image = readFileSync('dockerfiles/service/Dockerfile', 'utf8');
  const ofKind = (kind: string) =>
    manifests.find(({ file, manifest }) => file === 'worker.yaml' && manifest.kind === kind)!
      .manifest as Manifest & { spec: Record<string, unknown> };
  const pod = ofKind('DaemonSet').spec.template as WorkerPod;

  expect(image).not.toMatch(/QIBENCH_METRICS_HOST=/);
  expect(readFileSync('compose.yaml', 'utf8')).not.toContain('QIBENCH_METRICS_HOST');
  expect(readFileSync('dockerfiles/stack.yaml', 'utf8')).not.toContain('QIBENCH_METRICS_HOST');
  expect(pod.spec.containers[0]!.env).toContainEqual({
    name: 'QIBENCH_METRICS_HOST',
    valueFrom: { fieldRef: { fieldPath: 'status.podIP' } },
  });
  expect(ofKind('NetworkPolicy').spec).toEqual({
    podSelector: { matchLabels: pod.metadata.labels },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { 'qibench.dev/metrics': 'true' } } }],
        ports: [{ protocol: 'TCP', port: 'operator' }],
      },
    ],
  });
});

/** Returns fields that the types of literals reject; the schemas accept unknown fields. */
function unknownFields(all: readonly Manifest[]): string[] {
  const source = all
    .map(
      ({ apiVersion, kind, ...rest }, index) =>
        `import type { I${kind} as T${index} } from ` +
        `'kubernetes-models/${apiVersion}';\nexport const m${index}: T${index} = ` +
        `${JSON.stringify({ apiVersion, kind, ...rest })};`,
    )
    .join('\n');
  const file = resolve('test/unit/dockerfiles/generated-manifests.ts');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, ...more) =>
    name === file
      ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2023)
      : getSourceFile(name, ...more);
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? source : readFile(name));
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}
