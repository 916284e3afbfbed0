import { block, entityRefField, listField, textField } from './fields';

/**
 * Hooks of a tier: each one an http or https URL, user-info allowed, or a
 * notification. That it is one of the two is looked at elsewhere.
 */
export function hooksField() {
  const webhook = textField('a URL').refine(
    text => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be an http or https URL',
  );
  const notification = block({
    recipients: listField(entityRefField())
      .min(1, 'must name somebody; leave it out for the owner')
      .optional(),
  });
  return listField(
    block({
      webhook: webhook.optional(),
      notification: notification.optional(),
    }),
  ).default([]);
}
