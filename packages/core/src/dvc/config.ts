/** Sections and keys of DVC's configuration; a remote's section is `remote "name"`. */
export type DvcConfig = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Reads the text of a `.dvc/config`: the dialect of Python's configobj, as far as DVC writes it. */
export function parseDvcConfig(text: string): DvcConfig {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[(.*)\]\s*(?:#.*)?$/.exec(line);
    if (header !== null) {
      const name = unquoted((header[1] ?? '').trim());
      section = sections.get(name) ?? new Map<string, string>();
      sections.set(name, section);
      continue;
    }
    const pair = /^\s*([^#=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (pair !== null) section.set((pair[1] ?? '').toLowerCase(), valueOf(pair[2] ?? ''));
  }
  return sections;
}

/** Lays configurations over each other, the last on top. */
export function mergeConfigs(configs: readonly DvcConfig[]): DvcConfig {
  const merged = new Map<string, ReadonlyMap<string, string>>();
  for (const config of configs) {
    for (const [name, values] of config) merged.set(name, new Map([...(merged.get(name) ?? []), ...values]));
  }
  return merged;
}

/** A comment may stand behind a value; a value with a comma or a sharp sign is quoted. */
function valueOf(text: string): string {
  const quoted = /^(["'])(.*?)\1\s*(?:#.*)?$/.exec(text);
  return quoted?.[2] ?? text.replace(/\s+#.*$/, '');
}

function unquoted(text: string): string {
  return /^'(.*)'$/.exec(text)?.[1] ?? text;
}
