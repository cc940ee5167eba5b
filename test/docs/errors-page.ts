import { PROBLEM_CAUSES } from '../../src/http/problem-causes.js';
import { type Problem, type ProblemName, PROBLEMS } from '../../src/http/problems.js';
import { table } from './table.js';
import { WHAT_TO_DO } from './what-to-do.js';

/** A page on every refusal, each under the last part of its `type`. */
export function errorsPage(): string {
  const problems = Object.entries(PROBLEMS) as [ProblemName, Problem][];
  const overview = problems.map(([, { slug, status, code, title }]) => [
    `[${slug}](#${slug})`,
    String(status),
    code === undefined ? '' : String(code),
    `\`${title}\``,
  ]);
  return `# Errors

Generated from \`src/http/problems.ts\`, \`src/http/problem-causes.ts\` and \`test/docs/what-to-do.ts\` by \`npm run docs\`.

Every refusal is \`application/problem+json\` (RFC 9457). Its \`type\` is \`/problems/\` and the name under which it stands here; \`status\` is the status of the answer, \`code\` the reference's own number where it has one. Decide by \`type\`: \`detail\` is for people, and some say more than is quoted here. "To see it" speaks of the sandbox. What is safe to repeat is in [integrators.md](integrators.md#what-is-safe-to-repeat).

${table(['type', 'status', 'code', 'title'], overview)}

${problems.map(section).join('\n\n')}
`;
}

function section([name, { slug, status, code, title, detail }]: [ProblemName, Problem]): string {
  const head = `\`${title}\`, status ${status}${code === undefined ? '' : `, code ${code}`}`;
  const cause = PROBLEM_CAUSES[name].replaceAll(/\*([^*]+)\*/g, '_$1_');
  return `## ${slug}\n\n${head}\n\n> ${detail}\n\n**What brings it about.** ${cause}\n\n**What to do.** ${WHAT_TO_DO[name]}`;
}
