// Values without the library of schemas, for who must start quickly

/** The three tiers of images (seed: "Three-Tier Model"). @public */
export const tiers = ['mirrors', 'bases', 'applications'] as const;

/** One of the three tiers. @public */
export type Tier = (typeof tiers)[number];

/**
 * How fresh a base is compared with what is published, in the order in which
 * the rules match.
 *
 * @public
 */
export const freshnessValues = [
  'none',
  'withdrawn',
  'unknown',
  'unmanaged',
  'outdated',
  'rebuilt',
  'superseded',
  'current',
] as const;

/** How fresh a base is. @public */
export type Freshness = (typeof freshnessValues)[number];

/** Where an image stands against its end-of-life date. @public */
export const supportValues = [
  'ended',
  'ending',
  'supported',
  'unknown',
] as const;

/** Where an image stands against its end-of-life date. @public */
export type Support = (typeof supportValues)[number];

/** The one word that sums a row up, worst first. @public */
export const statusValues = ['critical', 'warning', 'unknown', 'ok'] as const;

/** The one word that sums a row up. @public */
export type Status = (typeof statusValues)[number];

/** The state of a mirrored tag. @public */
export const mirrorStates = [
  'current',
  'moved',
  'gone-upstream',
  'failed',
  'removed',
] as const;

/** The state of a mirrored tag. @public */
export type MirrorState = (typeof mirrorStates)[number];

/** The state of a base tag. @public */
export const baseStates = [
  'published',
  'blocked',
  'failed',
  'withdrawn',
  'retired',
  'removed',
] as const;

/** The state of a base tag. @public */
export type BaseState = (typeof baseStates)[number];

/**
 * What can be a violation: values of freshness and support, and states of the
 * base or mirror that an image stands on.
 *
 * @public
 */
export const failOnValues = [
  ...new Set([
    ...freshnessValues,
    ...supportValues,
    ...mirrorStates,
    ...baseStates,
  ]),
];

/** What can be a violation. @public */
export type FailOn = Freshness | Support | MirrorState | BaseState;

/** The state of an application row. @public */
export const applicationStates = [
  'current',
  'earlier',
  'discovered',
  'gone',
] as const;

/** The state of an application row. @public */
export type ApplicationState = (typeof applicationStates)[number];

/** What a base is for; a development base never fails a check. @public */
export const baseKinds = ['core', 'special', 'development'] as const;

/** What a base is for. @public */
export type BaseKind = (typeof baseKinds)[number];

/** Why a base was built. @public */
export const buildReasons = [
  'first-build',
  'mirror-moved',
  'new-upstream-tag',
  'core-version',
  'tag-format',
  'template',
  'context',
  'arguments',
  'compression',
  'platforms',
  'forced',
  'adopted',
] as const;

/** Why a base was built. @public */
export type BuildReason = (typeof buildReasons)[number];

/** How the base of an application was found. @public */
export const detectionMethods = [
  'declared',
  'annotation',
  'chain',
  'label',
  'none',
] as const;

/** How the base of an application was found. @public */
export type DetectionMethod = (typeof detectionMethods)[number];

/** How far the found base can be trusted. @public */
export const confidences = ['confirmed', 'low', 'unconfirmed', 'none'] as const;

/** How far the found base can be trusted. @public */
export type Confidence = (typeof confidences)[number];

/** What a run executes. @public */
export const runKinds = [
  'sync',
  'verify',
  'build',
  'lifecycle',
  'scan',
  'retention',
  'restore',
] as const;

/** What a run executes. @public */
export type RunKind = (typeof runKinds)[number];

/** What `POST /v1/runs` starts; a restore is asked for by its own route. @public */
export const startableRunKinds = runKinds.filter(kind => kind !== 'restore');

/** Where a run stands. @public */
export const runStates = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
] as const;

/** Where a run stands. @public */
export type RunState = (typeof runStates)[number];

/** What started a run. @public */
export const runTriggers = ['schedule', 'user', 'event'] as const;

/** What started a run. @public */
export type RunTrigger = (typeof runTriggers)[number];

/** Where one item of a run stands. @public */
export const runItemStates = ['planned', 'done', 'skipped', 'failed'] as const;

/** Where one item of a run stands. @public */
export type RunItemState = (typeof runItemStates)[number];
