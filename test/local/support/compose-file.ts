type Environment = Record<string, string>;

/**
 * The environment of each service, as Compose would make it of this file and this env file. Knows
 * only what our file uses: blocks of two spaces, anchors at the top level, `<<`, `${NAME:?}` and
 * `${NAME:-default}`, and names without a value.
 */
export function composeEnvironments(file: string, envFile: string): Map<string, Environment> {
  const given = parseEnvFile(envFile);
  const anchors = new Map<string, Environment>();
  const services = new Map<string, Environment>();
  let target: Environment | null = null;
  let indent = 0;
  let service = '';
  for (const line of file.split('\n')) {
    const anchor = /^x-[\w-]+: &([\w-]+)$/.exec(line)?.[1];
    const started = /^ {2}([\w-]+):$/.exec(line)?.[1];
    if (anchor) {
      target = {};
      indent = 2;
      anchors.set(anchor, target);
    } else if (/^\S/.test(line)) target = null;
    else if (started) {
      service = started;
      target = null;
    } else if (line === '    environment:') {
      target = {};
      indent = 6;
      services.set(service, target);
    } else if (target) target = readLine(line, indent, target, anchors, given);
  }
  return services;
}

/** Returns the block that goes on, or null where the line no longer belongs to it. */
function readLine(
  line: string,
  indent: number,
  target: Environment,
  anchors: ReadonlyMap<string, Environment>,
  given: Environment,
): Environment | null {
  if (/^\s*(#.*)?$/.test(line)) return target;
  const [, spaces = '', key = '', value = ''] = /^( *)([\w<]+):(?: (.*))?$/.exec(line) ?? [];
  if (spaces.length < indent) return null;
  if (key === '<<') {
    for (const [, name = ''] of value.matchAll(/\*([\w-]+)/g))
      Object.assign(target, anchors.get(name));
  } else if (key === key.toUpperCase() && value !== '') target[key] = interpolate(value, given);
  else if (key === key.toUpperCase() && given[key] !== undefined) target[key] = given[key];
  return target;
}

function interpolate(text: string, given: Environment): string {
  return text.replace(
    /\$\{(\w+):([?-])([^}]*)\}/g,
    (_all, name: string, kind: string, standard: string) => {
      const value = given[name];
      if (value === undefined && kind === '?') throw new Error(`${name} is missing`);
      return value ?? standard;
    },
  );
}

function parseEnvFile(text: string): Environment {
  const entries = text.split('\n').flatMap((line) => {
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return name ? [[name, value.replace(/^'(.*)'$/, '$1')] as const] : [];
  });
  return Object.fromEntries(entries);
}
