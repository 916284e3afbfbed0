import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Cell,
  type ColumnConfig,
  Flex,
  Table,
  Text,
  useTable,
} from '@backstage/ui';
import type { Run, RunItem } from '@imglife/backstage-plugin-imglife-common';
import {
  RiCheckboxCircleFill,
  RiCloseCircleFill,
  RiSkipForwardFill,
  RiTimeFill,
} from '@remixicon/react';
import { useMemo } from 'react';
import { isOpen } from '../../rules/isOpen';
import { imglifeTranslationRef } from '../../translation';
import { NameCell } from '../cells/NameCell';
import statusStyles from '../cells/StatusLabel.module.css';
import styles from './Activity.module.css';

const PAGE_SIZE = 10;

const LOOKS = {
  planned: { Icon: RiTimeFill, color: 'secondary' },
  done: { Icon: RiCheckboxCircleFill, color: 'success' },
  skipped: { Icon: RiSkipForwardFill, color: 'secondary' },
  failed: { Icon: RiCloseCircleFill, color: 'danger' },
} as const;

type ItemRow = RunItem & { id: string };

function ItemState(props: { state: RunItem['state'] }) {
  const { Icon, color } = LOOKS[props.state];
  const { t } = useTranslationRef(imglifeTranslationRef);
  return (
    <span className={statusStyles.label}>
      <Icon aria-hidden className={statusStyles[color]} size={16} />
      <Text variant="body-medium">
        {t(`runDialog.itemState.${props.state}`)}
      </Text>
    </span>
  );
}

function useItemColumns(): ColumnConfig<ItemRow>[] {
  const { t } = useTranslationRef(imglifeTranslationRef);
  return useMemo(
    () => [
      {
        id: 'reference',
        label: t('column.image'),
        isRowHeader: true,
        cell: item => <NameCell name={item.reference} />,
      },
      {
        id: 'action',
        label: t('activity.column.action'),
        cell: item => <NameCell name={item.action} below={item.reason} />,
      },
      {
        id: 'state',
        label: t('activity.column.state'),
        cell: item => (
          <Cell>
            <ItemState state={item.state} />
            {item.error && (
              <Text
                as="p"
                variant="body-small"
                color="secondary"
                className={styles.error}
              >
                {item.error}
              </Text>
            )}
          </Cell>
        ),
      },
    ],
    [t],
  );
}

/** What a run did with each image; what failed comes first. */
export function RunItems(props: { run: Run }) {
  const { run } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const columns = useItemColumns();
  const rows = useMemo(() => {
    const failedFirst = [...run.items].sort(
      (a, b) => Number(b.state === 'failed') - Number(a.state === 'failed'),
    );
    return failedFirst.map(item => ({ ...item, id: item.reference }));
  }, [run.items]);
  const { tableProps } = useTable<ItemRow>({
    mode: 'complete',
    data: rows,
    paginationOptions: {
      pageSize: PAGE_SIZE,
      showPageSizeOptions: false,
      type: rows.length > PAGE_SIZE ? 'page' : 'none',
      getLabel: ({ totalCount = 0 }) =>
        t('runDialog.itemRows', { count: totalCount }),
    },
  });
  return (
    <Flex direction="column" gap="2">
      <Text as="h3" variant="body-large" weight="bold">
        {t('runDialog.items')}
      </Text>
      {rows.length ? (
        <div className={styles.items}>
          <Table columnConfig={columns} {...tableProps} />
        </div>
      ) : (
        <Text variant="body-medium" color="secondary">
          {t(isOpen(run) ? 'runDialog.noItems' : 'runDialog.noItemsEver')}
        </Text>
      )}
    </Flex>
  );
}
