import { Report } from '../../../local/demo/report.ts';

/** For steps of the demo that only prepare what is measured. */
export class SilentReport extends Report {
  constructor() {
    super(true);
  }

  override step(): void {}
}
