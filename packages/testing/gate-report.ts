import type { GateReport } from '@sluice/core/gate/report/gate-report.ts';
import { reportSections } from '@sluice/core/gate/report/report.ts';
import { joinSections } from '@sluice/core/report/sections.ts';

/** A report of a model `m` that failed, with nothing in it but what is given. */
export function gateReport(part: Partial<GateReport>): GateReport {
  return {
    model: 'm',
    matrixKey: '',
    decision: 'fail',
    accepted: false,
    message: 'It failed.',
    baseline: null,
    tried: [],
    headCommit: undefined,
    isPullRequest: false,
    results: [],
    changed: undefined,
    rules: { kind: 'none' },
    metrics: new Map(),
    baselineMetrics: new Map(),
    history: [],
    calibration: [],
    notes: [],
    ...part,
  };
}

/** The same as markdown, whole. */
export function renderReport(part: Partial<GateReport>): string {
  return joinSections(reportSections(gateReport(part)));
}
