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

/**
 * Name of a branch, by git's own rules, but without characters that reverse the text's direction.
 * It is text for people: no command, script or path has it.
 * @see git-check-ref-format(1)
 */
export const BranchName = z
  .string()
  .max(255)
  .regex(
    /^(?![-/]|@$)(?!.*\p{Bidi_Control})(?!.*(?:\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)|[/.]$))(?!\.)[^\0-\x20\x7f~^:?*[\\\ud800-\udfff]+$/u,
    'a name that git accepts: no space, control or direction character or ~ ^ : ? * [ \\, no "..", "//", "@{", ' +
      'no part that begins with "." or ends with ".lock", no "-" or "/" at the start, ' +
      'no "/" or "." at the end',
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
