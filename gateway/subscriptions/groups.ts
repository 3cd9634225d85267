import { type GraphQLError, print } from 'graphql';
import type {
  GraphQLParams,
  Identity,
  PreparedOperation,
  RequestContext,
  SubgraphTransport,
  SupergraphSnapshot,
} from '../types.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Subscription, SubscriptionSink } from './contract.ts';
import { StreamCounters } from './counters.ts';
import { cursorScope } from './cursor-scope.ts';
import { type CursorKey, Cursors } from './cursors.ts';
import {
  type GroupListener,
  type GroupSettings,
  type StreamRequest,
  SubscriptionGroup,
} from './group.ts';
import { GroupFamily } from './group-family.ts';
import { Member } from './member.ts';
import { tooManySubscriptions } from './stream-errors.ts';
import { type OpenUpstream, OUTAGE_MILLISECONDS_MAX, QUEUED_EVENTS_MAX } from './upstream-feed.ts';

type Variables = Readonly<Record<string, unknown>>;

/** More streams need more memory than one process should hold; the next is refused, retryably. */
const SUBSCRIPTIONS_MAX = 100_000;
/** Longer lets one stuck subgraph delay the order of a stream; shorter loses slow but good joins. */
const EVENT_MILLISECONDS_MAX = 10_000;

export interface SubscriptionsOptions {
  /** One for all snapshots, or one for each: a changed one makes streams reopen on a reload. */
  readonly transport: SubgraphTransport | ((snapshot: SupergraphSnapshot) => SubgraphTransport);
  /** The first signs. The same keys in every process, or cursors do not survive a restart. */
  readonly cursorKeys: readonly CursorKey[];
  readonly resumeWindowSeconds?: number;
  /** Request headers that reach subgraphs: subscribers that differ in them share nothing. */
  readonly forwardedHeaders?: readonly string[];
  readonly subscriptionsMax?: number;
  readonly queuedEventsMax?: number;
  readonly outageMillisecondsMax?: number;
  readonly eventMillisecondsMax?: number;
}

/** Whose streams end. All that is given must match. */
export interface Revocation {
  readonly identityKey?: string;
  readonly iss?: string;
  readonly sub?: string;
}

export interface Subscriptions {
  readonly counters: StreamCounters;
  /** Never throws; refusals reach `sink.error`, at once or later. */
  subscribe(
    prepared: PreparedOperation,
    variables: Variables,
    context: RequestContext,
    params: GraphQLParams,
    sink: SubscriptionSink,
  ): Subscription;
  /** Moves every stream to the new schema, or ends it there with a retryable code. */
  onSnapshotChanged(snapshot: SupergraphSnapshot): void;
  /** Ends at once every socket and stream of these identities. */
  revoke(revocation: Revocation): void;
  /** For transports: called with a test for the identities that were revoked. */
  onRevoked(listener: (isRevoked: (identity: Identity) => boolean) => void): () => void;
  /** Ends every stream that is left with a retryable code. */
  drain(): Promise<void>;
}

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  return new SubscriptionGroups(options);
}

class SubscriptionGroups implements Subscriptions, GroupListener {
  readonly counters = new StreamCounters();
  private readonly families = new Map<string, GroupFamily>();
  private readonly groups = new Set<SubscriptionGroup>();
  private readonly revocationListeners = new Set<(test: (identity: Identity) => boolean) => void>();
  private readonly settings: GroupSettings;

  constructor(private readonly options: SubscriptionsOptions) {
    this.settings = {
      cursors: new Cursors(options.cursorKeys, options.resumeWindowSeconds),
      counters: this.counters,
      limits: {
        queuedEventsMax: options.queuedEventsMax ?? QUEUED_EVENTS_MAX,
        outageMillisecondsMax: options.outageMillisecondsMax ?? OUTAGE_MILLISECONDS_MAX,
      },
      eventMillisecondsMax: options.eventMillisecondsMax ?? EVENT_MILLISECONDS_MAX,
    };
  }

  subscribe(
    prepared: PreparedOperation,
    variables: Variables,
    context: RequestContext,
    params: GraphQLParams,
    sink: SubscriptionSink,
  ): Subscription {
    const member = new Member(sink, params.extensions?.bookmarks === true);
    const request = { prepared, variables, context };
    const cursor = params.extensions?.cursor ?? null;
    if (this.counters.active >= (this.options.subscriptionsMax ?? SUBSCRIPTIONS_MAX)) {
      return this.refuse(member, tooManySubscriptions('No more subscriptions fit here now.'));
    }
    if (cursor === null) this.joinLive(member, request);
    else {
      const scope = cursorScope(prepared, variables, context.identity);
      const position = this.settings.cursors.read(cursor, scope);
      if (typeof position !== 'string') return this.refuse(member, position);
      this.counters.resumed++;
      this.joinAt(member, request, position, scope);
    }
    return member;
  }

  onSnapshotChanged(snapshot: SupergraphSnapshot): void {
    for (const group of [...this.groups]) this.move(group, snapshot);
  }

  revoke(revocation: Revocation): void {
    const isRevoked = (identity: Identity): boolean => matches(revocation, identity);
    // Sockets first: what they carry ends with them, and nothing is written in between.
    for (const listener of this.revocationListeners) listener(isRevoked);
    for (const group of [...this.groups]) {
      if (isRevoked(group.identity)) group.end('CREDENTIAL_REVOKED', 'revoked');
    }
  }

  onRevoked(listener: (isRevoked: (identity: Identity) => boolean) => void): () => void {
    this.revocationListeners.add(listener);
    return () => this.revocationListeners.delete(listener);
  }

  async drain(): Promise<void> {
    for (const group of [...this.groups]) group.end('SERVER_SHUTTING_DOWN', 'draining');
  }

  advanced(group: SubscriptionGroup): void {
    const twin = this.families.get(group.familyKey)?.advance(group);
    if (!twin) return;
    // The live stream stays: it is the one that newcomers join.
    if (twin.isReplay && !group.isReplay) twin.mergeInto(group);
    else group.mergeInto(twin);
    this.families.get(group.familyKey)?.advance(twin.isJoinable ? twin : group);
  }

  closed(group: SubscriptionGroup): void {
    this.groups.delete(group);
    const family = this.families.get(group.familyKey);
    family?.remove(group);
    if (family?.isEmpty) this.families.delete(group.familyKey);
  }

  private refuse(member: Member, error: GraphQLError): Subscription {
    this.counters.reject(String(error.extensions.code));
    member.sink.error([error]);
    return member;
  }

  private joinLive(member: Member, request: StreamRequest): void {
    const live = this.families.get(this.familyKey(request))?.live();
    if (live) live.join(member);
    else this.begin(member, request, null);
  }

  private joinAt(member: Member, request: StreamRequest, position: string, scope: Buffer): void {
    const family = this.families.get(this.familyKey(request));
    const standing = family?.at(position);
    if (standing) standing.join(member);
    else if (!family?.replays().some((replay) => replay.joinReplay(member, position))) {
      this.begin(member, request, position, scope);
    }
  }

  private begin(
    member: Member,
    request: StreamRequest,
    position: string | null,
    scope = cursorScope(request.prepared, request.variables, request.context.identity),
  ): void {
    const group = new SubscriptionGroup(
      this.familyKey(request),
      request,
      scope,
      position,
      (of) => this.opener(of),
      this.settings,
      this,
    );
    this.enter(group);
    group.join(member);
    group.start();
  }

  private enter(group: SubscriptionGroup): void {
    this.groups.add(group);
    const family = this.families.get(group.familyKey) ?? new GroupFamily();
    this.families.set(group.familyKey, family);
    family.add(group);
  }

  private opener(group: SubscriptionGroup): OpenUpstream {
    return (prepared, position, sink) => {
      const upstream = requireUpstream(prepared);
      const request = {
        serviceName: upstream.serviceName,
        query: upstream.query,
        operationName: upstream.operationName,
        variablesJson: JSON.stringify(pick(group.variables, upstream.variableNames)),
        kind: 'subscription' as const,
        ...(position === null ? {} : { position }),
      };
      return this.transportFor(prepared.snapshot).subscribe(request, group.streamContext(), sink);
    };
  }

  private transportFor(snapshot: SupergraphSnapshot): SubgraphTransport {
    const { transport } = this.options;
    return typeof transport === 'function' ? transport(snapshot) : transport;
  }

  private move(group: SubscriptionGroup, snapshot: SupergraphSnapshot): void {
    const old = group.prepared;
    if (old.snapshot === snapshot) return;
    const prepared = snapshot.prepare(bodyOf(old), old.operationName);
    if (
      'errors' in prepared ||
      prepared.kind !== 'subscription' ||
      !prepared.upstream ||
      prepared.check(group.variables, group.identity).length > 0
    ) {
      group.end('SUBSCRIPTION_SCHEMA_RELOAD', 'not allowed in the new schema');
      return;
    }
    const scope = cursorScope(prepared, group.variables, group.identity);
    if (!group.moveTo(prepared, scope, this.haveSameUpstream(old, prepared))) {
      group.end('SUBSCRIPTION_SCHEMA_RELOAD', 'cannot be resumed in the new schema');
      return;
    }
    this.counters.moved += group.size;
    this.rename(group, prepared);
  }

  private rename(group: SubscriptionGroup, prepared: PreparedOperation): void {
    this.closed(group);
    const { variables } = group;
    group.familyKey = this.familyKey({ prepared, variables, context: group.context });
    this.enter(group);
  }

  // The events of an upstream that has not changed fit the new plan: not even a pause is needed.
  private haveSameUpstream(old: PreparedOperation, prepared: PreparedOperation): boolean {
    const serviceName = requireUpstream(prepared).serviceName;
    return (
      canonicalJson(old.upstream) === canonicalJson(prepared.upstream) &&
      old.snapshot.services.get(serviceName)?.url ===
        prepared.snapshot.services.get(serviceName)?.url &&
      this.transportFor(old.snapshot) === this.transportFor(prepared.snapshot)
    );
  }

  private familyKey({ prepared, variables, context }: StreamRequest): string {
    const headers = (this.options.forwardedHeaders ?? []).map((name) => context.headers[name]);
    return canonicalJson([
      prepared.snapshot.id,
      prepared.hash,
      prepared.operationName,
      variables,
      context.identity.key,
      headers,
    ]);
  }
}

function requireUpstream(prepared: PreparedOperation) {
  if (!prepared.upstream) throw new TypeError('Only a subscription has an upstream.');
  return prepared.upstream;
}

function bodyOf(prepared: PreparedOperation): string {
  return prepared.document.loc?.source.body ?? print(prepared.document);
}

function pick(variables: Variables, names: readonly string[]): Variables {
  return Object.fromEntries(
    names.filter((name) => variables[name] !== undefined).map((name) => [name, variables[name]]),
  );
}

function matches(revocation: Revocation, identity: Identity): boolean {
  const { identityKey, iss, sub } = revocation;
  if (identityKey === undefined && iss === undefined && sub === undefined) return false;
  return (
    (identityKey === undefined || identity.key === identityKey) &&
    (iss === undefined || identity.claims?.iss === iss) &&
    (sub === undefined || identity.claims?.sub === sub)
  );
}
