// Preloaded into the process that is to be killed: puts every failpoint in its place and kills the
// process at the armed one. FAILPOINT=label:count arms one from the start, a message later.
import { patchSources } from '../support/patched-sources.mjs';
import { FAILPOINTS, patchesOf } from './failpoints.ts';

let armed = null;

function arm(text) {
  const [, label = '', count = '1'] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  if (!FAILPOINTS.some((point) => point.label === label)) throw new Error(`no failpoint ${label}`);
  armed = { label, left: Number(count) };
}

globalThis.parleyFailpoint = (label) => {
  if (armed?.label !== label) return;
  armed.left -= 1;
  // Nothing of ours runs after this: no handler, no flush, no rollback.
  if (armed.left === 0) process.kill(process.pid, 'SIGKILL');
};

patchSources(patchesOf(FAILPOINTS));
if (process.env.FAILPOINT) arm(process.env.FAILPOINT);
process.on('message', (message) => {
  if (message.failpoint) {
    arm(message.failpoint);
    process.send({ armed: message.failpoint });
  }
});
