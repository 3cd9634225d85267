/**
 * One event, executed and serialised once for all its subscribers. Each transport keeps its own
 * bytes beside it, so that a thousand readers cost a thousand writes and one encoding.
 */
export class SharedPayload {
  readonly atMilliseconds = Date.now();
  private readonly renderings = new Map<object, unknown>();

  constructor(
    /** A whole GraphQL result as JSON text on one line, `extensions.cursor` included. */
    readonly json: string,
    /** Where to resume after this event; null for a stream that cannot be resumed. */
    readonly cursor: string | null,
    /** Tells only where the stream stands; for subscribers that asked for bookmarks. */
    readonly isBookmark = false,
  ) {}

  /** What `render` made of this payload the first time; `render` itself is the key. */
  rendered<T>(render: (payload: SharedPayload) => T): T {
    let known = this.renderings.get(render) as T | undefined;
    if (known === undefined) {
      known = render(this);
      this.renderings.set(render, known);
    }
    return known;
  }
}

/** Adds the cursor to an answer's text without parsing it. */
export function withCursor(answerJson: string, cursor: string | null): string {
  // Server-Sent Events are framed by line ends; inside JSON they can only be white space.
  const line = /[\r\n]/.test(answerJson) ? answerJson.replaceAll(/[\r\n]/g, ' ') : answerJson;
  if (cursor === null) return line;
  return `${line.slice(0, line.lastIndexOf('}'))},"extensions":{"cursor":"${cursor}"}}`;
}
