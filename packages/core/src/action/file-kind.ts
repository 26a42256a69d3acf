/** Whether a file is a table of data by its name. */
export function isTable(name: string): boolean {
  return /\.(?:csv|tsv|parquet|pq|jsonl|ndjson)(?:\.(?:gz|zst))?$/i.test(name);
}

/** Whether a file is code or settings by its name; a folder and what nobody knows is not. */
export function isCode(name: string): boolean {
  return /(?:\.(?:py|ipynb|r|rmd|jl|sh|ps1|sql|m?[jt]s|java|scala|kt|go|rs|c|cc|cpp|h|hpp|cu|ya?ml|toml|cfg|ini|lock|md)|(?:^|\/)(?:Dockerfile|Makefile|requirements[^/]*\.txt))$/i.test(
    name,
  );
}
