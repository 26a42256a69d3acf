/** The rows of HAProxy's `show stat` by the name of the server, which is BACKEND for the backend itself. */
export function parseStat(answer: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const [header = '', ...rows] = answer.split('\n').filter((line) => line.trim() !== '');
  const columns = header.replace(/^# /, '').split(',');
  return new Map(
    rows.map((row) => {
      const cells = new Map(row.split(',').map((cell, index) => [columns[index] ?? '', cell]));
      return [cells.get('svname') ?? '', cells];
    }),
  );
}
