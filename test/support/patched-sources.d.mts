export interface SourcePatch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The source of `file` with `find` replaced. Throws where `find` does not stand there exactly once. */
export function patched(source: string, patch: SourcePatch): string;

/** Every later import of these files gets the patched source. Paths are from the project's root. */
export function patchSources(patches: readonly SourcePatch[]): void;
