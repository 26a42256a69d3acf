import { UserError } from '../action/errors.ts';
import type { ColumnsConfig } from '../gate/columns.ts';
import type { Sample } from '../gate/sample.ts';
import type { PredictionColumns } from './prediction-columns.ts';

/** For each row of the candidate what columns.cluster holds; undefined when it is not set or there are no rows. */
export function readClusters(
  predictions: PredictionColumns | undefined,
  { cluster }: ColumnsConfig,
): readonly string[] | undefined {
  if (predictions === undefined || cluster === undefined) return undefined;
  const texts = predictions.column(cluster);
  const row = texts?.indexOf(null) ?? -1;
  if (texts !== undefined && row < 0) {
    needWholeQueries(predictions.sample, texts as readonly string[], cluster);
    return texts as readonly string[];
  }
  const problem = texts === undefined ? 'there is no such column' : `row ${row + 1} has no value`;
  throw new UserError(
    'unreadable-data',
    `columns.cluster is '${cluster}', but in the predictions of the candidate ${problem}. Write a value in every row, or remove columns.cluster.`,
  );
}

/** The rows of a query are ranked together, so that they cannot be of several clusters. */
function needWholeQueries({ queries }: Sample, clusters: readonly string[], name: string): void {
  const clusterOf = new Map<number, string>();
  queries?.of.forEach((query, row) => {
    const cluster = clusters[row] as string;
    const known = clusterOf.get(query) ?? cluster;
    clusterOf.set(query, known);
    if (known === cluster) return;
    throw new UserError(
      'unreadable-data',
      `columns.cluster is '${name}', but the query of row ${row + 1} has rows of the clusters '${known}' and '${cluster}'. All rows of a query have to be of one cluster.`,
    );
  });
}
