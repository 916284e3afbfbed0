import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Text,
} from '@backstage/ui';
import type { Run, RunItem } from '@imglife/backstage-plugin-imglife-common';
import { sizeWords } from '../../rules/sizeWords';
import { imglifeTranslationRef } from '../../translation';
import { BuildChanges } from '../BuildChanges';
import styles from '../image.module.css';

const SHOWN = 50;

/** What a run did or would do, and folded below it what it leaves alone and why. */
export function RunItems(props: { run: Run }) {
  const { items } = props.run;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const told = items.filter(({ action }) => action !== 'none');
  const left = items.filter(({ action }) => action === 'none');
  return (
    <>
      <Items items={told} />
      {left.length > 0 && (
        <Accordion>
          <AccordionTrigger
            title={t('action.skipped', { count: left.length })}
          />
          <AccordionPanel>
            <Items items={left} />
          </AccordionPanel>
        </Accordion>
      )}
    </>
  );
}

function Items(props: { items: RunItem[] }) {
  const { items } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <>
      {items.length > 0 && (
        <ul className={styles.list}>
          {items.slice(0, SHOWN).map((item, index) => (
            <li key={`${item.reference} ${item.action} ${index}`}>
              <Item item={item} />
            </li>
          ))}
        </ul>
      )}
      {items.length > SHOWN && (
        <Text variant="body-small">
          {t('image.notShown', { count: items.length - SHOWN })}
        </Text>
      )}
    </>
  );
}

function Item(props: { item: RunItem }) {
  const { reference, action, reason, state, error, changes, bytes } =
    props.item;
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <>
      <div className={styles.line}>
        <Text variant="body-medium" weight="bold">
          {reference}
        </Text>
        <Text variant="body-medium">
          {action !== 'none' && `${action} · `}
          {t(`action.item-${state}`)}
          {bytes !== undefined && ` · ${sizeWords(bytes)}`}
        </Text>
      </div>
      <Text as="div" variant="body-small" color="secondary">
        {changes?.length ? (
          <BuildChanges
            reasons={changes.map(change => change.reason)}
            changes={changes}
          />
        ) : (
          reason
        )}
      </Text>
      {error && (
        <Text variant="body-small" color="danger">
          {error}
        </Text>
      )}
    </>
  );
}
