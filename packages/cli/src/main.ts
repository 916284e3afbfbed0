import { runOnProcess } from './runOnProcess';

void runOnProcess(process);
