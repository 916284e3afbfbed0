import type { Bench } from './Bench';
import { benchBuild } from './benchBuild';
import { benchKills } from './benchKills';
import { benchRegister } from './benchRegister';
import { benchSync } from './benchSync';
import { benchTables } from './benchTables';

/** By the name that `./dev bench` takes. */
export const benches: Record<string, Bench> = {
  build: benchBuild,
  kills: benchKills,
  register: benchRegister,
  sync: benchSync,
  tables: benchTables,
};
