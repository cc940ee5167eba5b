/** Reads a Dockerfile with the parser that its linter uses. */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';

/** What has no effect on the steps: notes for those who run the image, or for the builder. */
const NOTES = new Set(['LABEL', 'EXPOSE', 'VOLUME']);

/**
 * The stages of a Dockerfile, in order: `{ name, from, steps, config }`, where a step is `{ kind: 'RUN', command, cwd,
 * env, user }` or `{ kind: 'COPY', from, sources, to }` and config is what a container of the stage begins with.
 * @throws Error for an instruction that the rehearsal does not know, rather than leave a step out
 */
export function readContainerfile(path) {
  const stages = [];
  for (const instruction of DockerfileParser.parse(readFileSync(path, 'utf8')).getInstructions()) {
    const keyword = instruction.getKeyword();
    if (keyword === 'FROM') stages.push(newStage(instruction, stages));
    else take(stages.at(-1), keyword, instruction);
  }
  return stages;
}

function newStage(instruction, stages) {
  const from = instruction.getImage();
  const parent = stages.find(({ name }) => name === from);
  const config = parent
    ? structuredClone(parent.config)
    : { env: {}, cwd: '/', user: '0:0', entrypoint: [], cmd: [] };
  return { name: instruction.getBuildStage() ?? 'final', from, parent, steps: [], config };
}

function take(stage, keyword, instruction) {
  const { config, steps } = stage;
  const args = instruction.getArguments().map((argument) => argument.getValue());
  if (NOTES.has(keyword)) return;
  if (keyword === 'WORKDIR') config.cwd = posix.resolve(config.cwd, args[0]);
  else if (keyword === 'USER') config.user = args[0];
  else if (keyword === 'ENTRYPOINT') config.entrypoint = inExecForm(instruction);
  else if (keyword === 'CMD') config.cmd = inExecForm(instruction);
  else if (keyword === 'HEALTHCHECK') config.healthcheck = JSON.parse(afterCmd(instruction));
  else if (keyword === 'ENV') {
    for (const property of instruction.getProperties()) config.env[property.getName()] = property.getValue();
  } else if (keyword === 'RUN') {
    const command = instruction.getRawArgumentsContent().replaceAll('\\\n', ' ');
    steps.push({ kind: 'RUN', command, cwd: config.cwd, env: { ...config.env }, user: config.user });
  } else if (keyword === 'COPY') {
    const from = instruction.getFromFlag()?.getValue();
    steps.push({ kind: 'COPY', from, sources: args.slice(0, -1), to: args.at(-1), cwd: config.cwd });
  } else throw new Error(`The rehearsal does not know ${keyword}`);
}

function inExecForm(instruction) {
  return JSON.parse(instruction.getRawArgumentsContent());
}

function afterCmd(instruction) {
  const [, form] = /\bCMD\s+(\[.*\])\s*$/s.exec(instruction.getRawArgumentsContent()) ?? [];
  if (!form) throw new Error('The health check is not in the form HEALTHCHECK … CMD ["…"]');
  return form;
}
