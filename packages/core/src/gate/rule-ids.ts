/**
 * One identifier per rule, in the order given: its name, numbered from the second rule of that name on. A number that
 * would make it another rule's name is passed over, so that no two rules of any kind are ever called alike.
 */
export function uniqueIds(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    let id = name;
    for (let n = 2; seen.has(id) || (id !== name && taken.has(id)); n++) id = `${name}-${n}`;
    seen.add(id);
    return id;
  });
}
