// npm >= 11.1x refuses `npm ci` when an optional platform package (another OS's binary) is absent from the
// lockfile, and `npm install` leaves it out when the registry in use does not carry it. Add what is missing.
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
const OS = /(android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|aix|win32|windows)/;
const CPU = /(arm64|arm|x64|ia32|x86|ppc64|s390x|riscv64|loong64|mips64el|wasm32)/;
const ALIAS = { windows: 'win32', x86: 'ia32' };
let added = 0;
for (const [path, pkg] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(pkg.optionalDependencies ?? {})) {
    // resolve as node does: nearest enclosing node_modules first
    let at = path;
    let found = false;
    for (;;) {
      if (lock.packages[`${at ? `${at}/` : ''}node_modules/${name}`]) {
        found = true;
        break;
      }
      if (!at) break;
      at = at.includes('/node_modules/') ? at.slice(0, at.lastIndexOf('/node_modules/')) : '';
    }
    if (found || !/^\d/.test(version)) {
      if (!found) console.error('unpinned optional', name, version);
      continue;
    }
    const os = OS.exec(name)?.[1];
    const cpu = CPU.exec(name)?.[1];
    if (!os && !cpu) {
      console.error('cannot tell the platform of', name);
      continue;
    }
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(pkg.dev ? { dev: true } : {}),
      optional: true,
      ...(cpu ? { cpu: [ALIAS[cpu] ?? cpu] } : {}),
      ...(os ? { os: [ALIAS[os] ?? os] } : {}),
    };
    added++;
  }
}
const head = lock.packages[''];
delete lock.packages[''];
lock.packages = {
  '': head,
  ...Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))),
};
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} optional platform packages added to ${file}`);
