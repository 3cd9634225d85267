// Loaded by the gate, in a process of its own, before anything else: plants the bug that PLANTED names.
import { patchSources } from '../../support/patched-sources.mjs';

const { bugCalled } = await import('./bugs.ts');
patchSources(bugCalled(process.env.PLANTED ?? '').patches);
