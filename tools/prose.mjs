// SPDX-License-Identifier: GPL-2.0-or-later
// Fails on phrases that docs/style.md bans, in comments, texts and documents. `node tools/prose.mjs [FILE…]`; all tracked
// files without arguments.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const BANNED = [
  [/\b(?:nobody|somebody|anybody|everybody|whoever)\b/gi, 'name the subject'],
  [/\bso (?:many|long|much|often)\b/gi, 'name the quantity'],
  [
    /\b(?:is|are|was|were) (?:none\b|no\b(?! (?:longer|wider|larger)))/g,
    'say what is, or "has no", "no … matches"',
  ],
  [/(?:^|[.:;] )What [a-z](?![^\n]*\?)/gm, 'begin with the subject or a verb'],
  [/\b(?:is|are) (?:said|told|asked|looked at|made)\b/gi, 'name who does it'],
  [/\b(?:those|that) of\b/gi, 'repeat the noun'],
  [/\bfinds from\b/gi, '"minimum detectable effect"'],
];
/** Characters of a paragraph in a document, without its links' targets. */
const MAX_PARAGRAPH = 400;
/** This page quotes them. */
const EXEMPT = new Set(['docs/style.md', 'tools/prose.mjs']);
/** Texts of other people: licences, generated files, data, and what programs print. */
const FOREIGN =
  /(?:^|\/)(?:dist|generated|fixtures|patches|migrations)\/|^LICENSE$|package-lock\.json$/;

/** Returns the pieces of a source file that people read, each with its position. */
function typescriptTexts(path, source) {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, kind);
  const texts = [];
  const commentsAt = new Set();
  const visit = (node) => {
    const start = node.getFullStart();
    for (const { pos, end } of ts.getLeadingCommentRanges(source, start) ?? []) {
      if (!commentsAt.has(pos)) texts.push([pos, source.slice(pos, end)]);
      commentsAt.add(pos);
    }
    if (
      ts.isStringLiteralLike(node) ||
      ts.isJsxText(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node)
    )
      texts.push([node.getStart(), node.getText()]);
    node.getChildren(file).forEach(visit);
  };
  visit(file);
  return texts;
}

const blank = (code) => code.replace(/[^\n]/g, ' ');
/** Blanks blocks of code, so that positions stay. */
const withoutBlocks = (markdown) => markdown.replace(/```.*?```/gs, blank);
/** Blanks all code, so that positions stay. */
const withoutCode = (markdown) => markdown.replace(/```.*?```|`[^`\n]*`/gs, blank);

const READERS = [
  [/\.(?:ts|tsx|mjs|js)$/, typescriptTexts],
  [/\.md$/, (_, text) => [[0, withoutCode(text)]]],
  [/\.(?:c|h|py|sh|yaml|yml|prisma|css)$|Dockerfile$/, (_, text) => [[0, text]]],
];

const files =
  process.argv.length > 2
    ? process.argv.slice(2)
    : execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean);
let found = 0;
const complain = (path, line, text) => {
  console.error(`${path}:${line}: ${text} (docs/style.md)`);
  found++;
};
for (const path of files.filter((name) => !EXEMPT.has(name) && !FOREIGN.test(name))) {
  const [, textsOf] = READERS.find(([pattern]) => pattern.test(path)) ?? [];
  if (textsOf === undefined) continue;
  const source = readFileSync(path, 'utf8');
  for (const [position, text] of textsOf(path, source))
    for (const [pattern, advice] of BANNED)
      for (const match of text.matchAll(pattern)) {
        const line = source.slice(0, position + match.index).split('\n').length;
        complain(path, line, `"${match[0].trim()}": ${advice}`);
      }
  if (!path.endsWith('.md')) continue;
  for (const [index, paragraph] of withoutBlocks(source).split('\n').entries()) {
    const { length } = paragraph.replace(/\]\([^)]*\)/g, ']').trim();
    if (length > MAX_PARAGRAPH && !paragraph.startsWith('|'))
      complain(path, index + 1, `a paragraph of ${length} characters: at most ${MAX_PARAGRAPH}`);
  }
}
process.exit(found === 0 ? 0 : 1);
