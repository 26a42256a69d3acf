/** Whether a file that a source names holds metrics, by its ending; else it holds predictions. */
export function isMetricsFile(given: string): boolean {
  return /\.(json|ya?ml)$/i.test(given);
}
