// SPDX-License-Identifier: GPL-2.0-or-later
import { importX } from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { MAY_IMPORT } from './import-rule.mjs';

// A zone names a folder and what it must not reach.
const zones = Object.entries(MAY_IMPORT).flatMap(([target, allowed]) =>
  Object.keys(MAY_IMPORT)
    .filter((from) => from !== target && !allowed.includes(from))
    .map((from) => ({ target: `./${target}`, from: `./${from}` })),
);

export default tseslint.config(
  { ignores: ['dist/', 'services/action/dist/', 'node_modules/', 'services/store/generated/'] },
  ...tseslint.configs.recommended,
  {
    files: [
      'services/**/*.ts',
      'services/**/*.tsx',
      'worker/**/*.ts',
      'tools/**/*.ts',
      'test/**/*.ts',
    ],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      'import-x/resolver': {
        typescript: { conditionNames: ['source', 'types', 'import', 'default'] },
      },
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      'import-x/no-cycle': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      // Prettier wraps code; this is about texts and comments. Rows of tables stay whole.
      'max-len': [
        'error',
        { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true, ignorePattern: '^ \\* \\|' },
      ],
    },
  },
  // Settings come from the schema of a process, which its main program reads.
  {
    files: ['services/**/*.ts', 'services/**/*.tsx', 'worker/**/*.ts'],
    ignores: ['services/{api,cli,action}/main.ts', 'worker/main.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'declare a setting and pass its value' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportDeclaration[source.value=/^(node:)?process$/]',
          message: 'declare a setting and pass its value',
        },
      ],
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
