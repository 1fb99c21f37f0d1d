// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';

export { DEFAULT_BRANCH } from './constants.js';

/** Name of a project, which owns series of measurements. */
export const ProjectName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/,
    'letters, digits and . _ / -, beginning with a letter or digit, at most 100',
  );

/** Name of a branch, which git accepts too. */
export const BranchName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._/#+@-]{0,199}$/,
    'letters, digits and . _ / # + @ -, beginning with a letter or digit, at most 200',
  );

/** A commit's hash, or the name of a release. */
export const CommitName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/,
    'a hash or a version: letters, digits and . _ + -, at most 100',
  );

/** Restricts text to what Postgres can store: no NUL and no half of a surrogate pair. */
export const storable = (text: z.ZodString): z.ZodString =>
  text.refine(
    (value) => !/\0|\p{Surrogate}/u.test(value),
    'contains a NUL or half a surrogate pair',
  );
