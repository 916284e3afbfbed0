import { createPermission } from '@backstage/plugin-permission-common';

/** Read tiers, verdicts, reports and runs. @public */
export const imglifeImageReadPermission = createPermission({
  name: 'imglife.image.read',
  attributes: { action: 'read' },
});

/** Record an application build; what a pipeline needs. @public */
export const imglifeRegistrationCreatePermission = createPermission({
  name: 'imglife.registration.create',
  attributes: { action: 'create' },
});

/** Forget a registered image; its history stays. @public */
export const imglifeRegistrationDeletePermission = createPermission({
  name: 'imglife.registration.delete',
  attributes: { action: 'delete' },
});

/** Start a run. @public */
export const imglifeRunCreatePermission = createPermission({
  name: 'imglife.run.create',
  attributes: { action: 'create' },
});

/** Cancel a run. @public */
export const imglifeRunCancelPermission = createPermission({
  name: 'imglife.run.cancel',
  attributes: { action: 'update' },
});

/** Take a bad base back. @public */
export const imglifeBaseWithdrawPermission = createPermission({
  name: 'imglife.base.withdraw',
  attributes: { action: 'update' },
});

/**
 * Take out what bases are built from, and report what was built of it; what a
 * pipeline that builds bases needs.
 *
 * @public
 */
export const imglifeBasePublishPermission = createPermission({
  name: 'imglife.base.publish',
  attributes: { action: 'update' },
});

/** Delete what retention lets go, and bring archived images back. @public */
export const imglifeRetentionRunPermission = createPermission({
  name: 'imglife.retention.run',
  attributes: { action: 'delete' },
});

/** Every permission of the plugin. @public */
export const imglifePermissions = [
  imglifeImageReadPermission,
  imglifeRegistrationCreatePermission,
  imglifeRegistrationDeletePermission,
  imglifeRunCreatePermission,
  imglifeRunCancelPermission,
  imglifeBaseWithdrawPermission,
  imglifeBasePublishPermission,
  imglifeRetentionRunPermission,
];
