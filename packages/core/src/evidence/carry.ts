/** What carries a model and its evidence from job to job. */
export const CARRY =
  "If another job trained it, carry both: in actions/upload-artifact name the model's folder and .sluice/ below each other under path (one path alone is flattened), and set include-hidden-files: true (else .sluice is left out).";
