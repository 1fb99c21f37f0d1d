import { importX } from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// The import rule of ARCHITECTURE.md. A zone names a folder and a folder that it must not import.
const OURS = [
  'contract',
  'domain',
  'statistics',
  'formats',
  'catalogue',
  'store',
  'telemetry',
  'queue',
  'api',
  'client',
  'cli',
  'action',
  'dashboard',
]
  .map((name) => `./services/${name}`)
  .concat('./worker');
const MAY_IMPORT = {
  './services/contract': [],
  './services/statistics': ['./services/contract'],
  './services/formats': ['./services/contract', './services/statistics'],
  './services/domain': ['./services/contract', './services/statistics'],
  './services/catalogue': ['./services/contract', './services/domain'],
  './services/store': ['./services/contract', './services/domain'],
  './services/telemetry': ['./services/contract'],
  './services/queue': ['./services/contract', './services/store', './services/telemetry'],
  './services/api': [
    './services/contract',
    './services/client',
    './services/domain',
    './services/formats',
    './services/catalogue',
    './services/store',
    './services/telemetry',
    './services/queue',
  ],
  './services/client': ['./services/contract'],
  './services/action': ['./services/contract', './services/client'],
  './services/cli': ['./services/contract', './services/client', './services/store'], // store: only to migrate, back up and restore
  './services/dashboard': ['./services/contract'],
  './worker': [
    './services/contract',
    './services/domain',
    './services/catalogue',
    './services/store',
    './services/telemetry',
    './services/queue',
  ],
};
const zones = Object.entries(MAY_IMPORT).flatMap(([target, allowed]) =>
  OURS.filter((from) => from !== target && !allowed.includes(from)).map((from) => ({
    target,
    from,
  })),
);

export default tseslint.config(
  { ignores: ['dist/', 'services/action/dist/', 'node_modules/', 'services/store/generated/'] },
  ...tseslint.configs.recommended,
  {
    files: ['services/**/*.ts', 'services/**/*.tsx', 'worker/**/*.ts', 'tools/**/*.ts', 'test/**/*.ts'],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { typescript: true } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['services/dashboard/**/*.tsx', 'services/dashboard/**/*.ts'],
    ...reactHooks.configs.flat.recommended,
  },
  // Schemas run in the service; the browser imports only their types.
  {
    files: ['services/dashboard/**/*.ts', 'services/dashboard/**/*.tsx'],
    rules: { '@typescript-eslint/consistent-type-imports': 'error' },
  },
  {
    files: [
      'services/api/**/*.ts',
      'services/client/**/*.ts',
      'services/cli/**/*.ts',
      'services/action/**/*.ts',
      'services/contract/**/*.ts',
      'services/domain/**/*.ts',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            '@prisma/*',
            'pg',
            'pg-copy-streams',
            'bullmq',
            'ioredis',
            'dockerode',
            'pino',
            'prom-client',
            '@opentelemetry/*',
          ],
        },
      ],
    },
  },
  {
    files: ['worker/**/*.ts'],
    ignores: ['worker/engine/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            '@prisma/*',
            'pg',
            'bullmq',
            'ioredis',
            'dockerode',
            'pino',
            'prom-client',
            '@opentelemetry/*',
          ],
        },
      ],
    },
  },
  {
    files: ['services/store/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: ['bullmq', 'ioredis', 'dockerode', 'pino', 'prom-client', '@opentelemetry/*'] },
      ],
    },
  },
  {
    files: ['services/queue/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: ['@prisma/*', 'pg', 'dockerode', 'pino', 'prom-client', '@opentelemetry/*'] },
      ],
    },
  },
);
