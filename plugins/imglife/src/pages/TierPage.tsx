import { Container, Flex } from '@backstage/ui';
import type {
  ImglifeApi,
  Page,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import type { ReactNode } from 'react';
import { useSummary } from '../hooks/useSummary';
import {
  type Tier,
  type TierTable as TierTableState,
  useTierTable,
} from '../hooks/useTierTable';
import { ImageDialog } from '../image/ImageDialog';
import { ExportMenu } from './TierTable/ExportMenu';
import { DataAge } from './DataAge';
import { DefinitionAlerts } from './DefinitionAlerts';
import {
  TierTable,
  type TierColumns,
  type TierRow,
} from './TierTable/TierTable';
import { TierToolbar } from './TierTable/TierToolbar';

/** The page of one tier: its counts, its filters, its table. */
export function TierPage<Row extends TierRow>(props: {
  tier: Tier;
  read: (api: ImglifeApi, query: TierQuery) => Promise<Page<Row>>;
  columns: TierColumns<Row>;
  /** what stands at the end of the toolbar */
  actions?: (table: TierTableState<Row>) => ReactNode;
}) {
  const { tier, read, columns, actions } = props;
  const table = useTierTable(tier, read);
  const summary = useSummary();
  return (
    <main>
      <Container py="4">
        <Flex direction="column" gap="4">
          <DefinitionAlerts summary={summary} />
          <TierToolbar table={table} counts={summary?.[tier]}>
            <Flex align="center" gap="3">
              {actions?.(table)}
              <ExportMenu tier={tier} query={table.query} />
            </Flex>
          </TierToolbar>
          <TierTable tier={tier} table={table} columns={columns} />
          <DataAge summary={summary} />
        </Flex>
        <ImageDialog tier={tier} />
      </Container>
    </main>
  );
}
