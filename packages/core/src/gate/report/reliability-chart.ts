import type { CalibrationBin } from '../metrics/calibration.ts';
import { details } from '../../report/markdown.ts';
import { shareChart } from '../../report/mermaid.ts';
import { formatNumber } from '../../report/numbers.ts';

/** What the candidate's probabilities promise and what became of them, folded. Empty for fewer than two groups. */
export function reliabilityPart(bins: readonly CalibrationBin[]): string {
  if (bins.length < 2) return '';
  const points = bins.map(({ rows, expected, positives }) => ({
    expected: expected / rows,
    found: positives / rows,
  }));
  const sentence = describe(bins, points);
  const chart = shareChart({
    title: 'How often what is predicted comes true',
    description: sentence,
    expectedAxis: 'Predicted probability, mean of each group of rows',
    foundAxis: 'Share that is positive',
    points,
  });
  const legend =
    'Bars: the share that is positive. Line: the predicted probability, where every bar would end.';
  return details('Reliability diagram of the probabilities', [sentence, legend, chart].join('\n\n'));
}

function describe(
  bins: readonly CalibrationBin[],
  points: readonly { readonly expected: number; readonly found: number }[],
): string {
  const gap = ({ expected, found }: { expected: number; found: number }): number =>
    Math.abs(found - expected);
  const widest = points.reduce((worst, point) => (gap(point) > gap(worst) ? point : worst));
  const total = bins.reduce((sum, { rows }) => sum + rows, 0);
  const mean = bins.reduce((sum, { rows }, i) => sum + (rows / total) * gap(points[i]!), 0);
  return `In ${bins.length} groups of rows from the lowest to the highest probability, the predicted one and the share that is positive are ${formatNumber(mean)} apart on average (ECE), and ${formatNumber(gap(widest))} at most, where ${formatNumber(widest.expected)} is predicted and ${formatNumber(widest.found)} is found.`;
}
