export function writeSection(results: URL, name: string, text: string): void;
