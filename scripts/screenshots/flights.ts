/** A model of flight delays as the scorer below plays it: it sees the true probability through noise. */
export interface FlightModel {
  readonly noise: number;
  readonly seed: number;
  /** A carrier whose late flights it finds less often. */
  readonly weak?: string;
}

const CARRIERS = ['AA', 'AA', 'AA', 'UA', 'UA', 'UA', 'DL', 'DL', 'B6', 'B6', 'WN', 'HA'];

/** Each has errors of its own. */
const SEEDS = 10;

/** How far off each seed is. */
export const ERRORS = Array.from({ length: SEEDS }, (_, seed) => `error_${seed}`);
const COLUMNS = ['id', 'carrier', 'label', 'logit', ...ERRORS];

/** A number from 0 to 1 that depends on nothing but its arguments. */
function random(row: number, salt: number): number {
  let x = Math.imul(row + 1, 2654435761) ^ Math.imul(salt + 1, 40503);
  x = Math.imul(x ^ (x >>> 15), 2246822519);
  x = Math.imul(x ^ (x >>> 13), 3266489917);
  return ((x ^ (x >>> 16)) >>> 0) / 4294967296;
}

/** Flights with what a perfect model would know about each, and how far off each seed is. */
export function testSet(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const logit = 3 * (random(i, 0) + random(i, 1) + random(i, 2) - 1.5) - 0.4;
    const label = random(i, 3) < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
    const errors = Array.from({ length: SEEDS }, (__, seed) => {
      const error = 3 * (random(i, 10 * seed + 10) + random(i, 10 * seed + 11) - 1);
      return error.toFixed(3);
    });
    const carrier = CARRIERS[Math.floor(random(i, 4) * CARRIERS.length)];
    return [`f${i}`, carrier, label, logit.toFixed(4), ...errors].join(',');
  });
  return [COLUMNS.join(','), ...lines].join('\n') + '\n';
}

/** Scores the flights with a model. */
export const EVALUATE = `
import { readFileSync, writeFileSync } from 'node:fs';
const [, , modelFile, predictionsFile] = process.argv;
const { noise, seed, weak } = JSON.parse(readFileSync(modelFile, 'utf8'));
const [, ...rows] = readFileSync('data/test.csv', 'utf8').trim().split('\\n').map((line) => line.split(','));
const scored = rows.map(([id, carrier, label, logit, ...errors]) => {
  const seen = 0.8 * (Number(logit) + noise * Number(errors[seed])) - (carrier === weak ? 0.9 : 0);
  const score = 1 / (1 + Math.exp(-seen));
  return [id, label, score > 0.5 ? 1 : 0, score.toFixed(4), carrier].join(',');
});
writeFileSync(predictionsFile, ['id,label,prediction,score,carrier', ...scored].join('\\n') + '\\n');
`;
