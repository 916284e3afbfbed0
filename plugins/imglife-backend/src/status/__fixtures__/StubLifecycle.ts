import type {
  LifecycleData,
  LifecycleService,
  SupportJudgement,
} from '../../lifecycle/LifecycleService';

/** End-of-life dates by cycle, whatever the product. */
export class StubLifecycle implements LifecycleService {
  readonly eolDates = new Map<string, string>();

  async load(): Promise<LifecycleData> {
    return {
      ageDays: 1,
      productOf: (_upstream, configured) => configured,
      cyclesOf: (product, tag) =>
        product ? { product, cycle: tag.split('.').slice(0, 2).join('.') } : {},
      cyclesOfProduct: () => [],
      judge: ({ cycle }, { now, warnDays }): SupportJudgement => {
        const eolDate = cycle && this.eolDates.get(cycle);
        if (!eolDate) {
          return { support: 'unknown', eol: [] };
        }
        const days = (Date.parse(eolDate) - now.getTime()) / 86_400_000;
        const inTime = days <= warnDays ? 'ending' : 'supported';
        return {
          support: days <= 0 ? 'ended' : inTime,
          eolDate,
          eol: [{ product: 'alpine-linux', cycle, eolDate, dataAgeDays: 1 }],
        };
      },
    };
  }

  async refresh(): Promise<void> {}
}
