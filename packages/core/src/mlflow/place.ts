import { UserError } from '../action/errors.ts';

/** Whose files: those of a run, or of a logged model. */
export type Owner = { readonly run_id: string } | { readonly model_id: string };

/** Where the files of a run or a logged model lie, and how they are reached. */
export type Place =
  /** The server hands the bytes on. */
  | { readonly kind: 'served'; readonly folder: string }
  /** In a cloud's storage; the server signs an address for each file. */
  | { readonly kind: 'signed'; readonly owner: Owner; readonly uri: string };

/** Reads an artifact URI of MLflow. Throws UserError `bad-config` for a place that cannot be reached through the server. */
export function placeOf(artifactUri: string, owner: Owner): Place {
  const served = /^mlflow-artifacts:(?:\/\/)?\/(?!\/)(.*)$/.exec(artifactUri);
  if (served?.[1] !== undefined) return { kind: 'served', folder: served[1].replace(/\/+$/, '') };
  if (/^(?:s3|gs|wasbs?|abfss?|r2):/.test(artifactUri)) return { kind: 'signed', owner, uri: artifactUri };
  throw new UserError(
    'bad-config',
    `MLflow keeps the artifacts of this experiment in '${artifactUri}', which cannot be reached through the server. Choose another experiment (registry.experiment), and start the server with --serve-artifacts, so that new experiments begin with mlflow-artifacts:.`,
  );
}

/** Escapes a name as a part of an address, folder by folder. */
export function encodePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}
