import {
  toastApiRef,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Menu, MenuItem, MenuTrigger } from '@backstage/ui';
import type {
  ReportFormat,
  TierQuery,
} from '@imglife/backstage-plugin-imglife-common';
import { RiDownloadLine } from '@remixicon/react';
import { useState } from 'react';
import { imglifeApiRef } from '../../api/imglifeApiRef';
import type { Tier } from '../../hooks/useTierTable';
import { reportFileName } from '../../rules/reportFileName';
import { imglifeTranslationRef } from '../../translation';
import { saveFile } from './saveFile';

/** All rows of the table, not its page alone, as a file: the portal's report. */
export function ExportMenu(props: { tier: Tier; query: TierQuery }) {
  const { tier, query } = props;
  const api = useApi(imglifeApiRef);
  const toasts = useApi(toastApiRef);
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [isPending, setPending] = useState(false);

  const save = async (format: ReportFormat) => {
    const { limit: _limit, cursor: _cursor, ...filters } = query;
    setPending(true);
    try {
      const report = await api.getReport(format, {
        query: { ...filters, tier },
      });
      saveFile(reportFileName(tier, format, new Date()), format, report);
    } catch (error) {
      toasts.post({
        title: t('export.failed'),
        description: error instanceof Error ? error.message : String(error),
        status: 'danger',
      });
    } finally {
      setPending(false);
    }
  };

  return (
    <MenuTrigger>
      <Button
        size="small"
        variant="secondary"
        iconStart={<RiDownloadLine aria-hidden />}
        isPending={isPending}
      >
        {t('export.title')}
      </Button>
      <Menu onAction={key => void save(key as ReportFormat)}>
        <MenuItem id="text/csv">{t('export.csv')}</MenuItem>
        <MenuItem id="text/markdown">{t('export.markdown')}</MenuItem>
      </Menu>
    </MenuTrigger>
  );
}
