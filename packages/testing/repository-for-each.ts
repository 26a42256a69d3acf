import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { copyRepository, createRepository, type TestRepository } from './repository.ts';

/** Hands each test of a file a repository of its own, copied from one that is made once. */
export function repositoryForEach(take: (repository: TestRepository) => void): void {
  let begun: TestRepository;
  let current: TestRepository;
  beforeAll(async () => {
    begun = await createRepository();
  });
  afterAll(() => begun.remove());
  beforeEach(async () => {
    current = await copyRepository(begun);
    take(current);
  });
  afterEach(() => current.remove());
}
