import type { Answer } from './answer.ts';
import { writing, type Call, type Routes } from './route.ts';
import { nextId } from './world.ts';

/** The attestations of a repository: Sigstore bundles. */
export class Attestations {
  readonly stored: unknown[] = [];

  readonly routes: Routes = {
    'POST /repos/{owner}/{repo}/attestations': {
      needs: writing('attestations'),
      answer: (call) => this.#create(call),
    },
  };

  #create({ body }: Call): Answer {
    this.stored.push(body['bundle']);
    return { status: 201, body: { id: nextId() } };
  }
}
