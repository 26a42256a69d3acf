// In place of Octokit's plugin with a method for each operation: no methods. `request` is of Octokit itself.
export const restEndpointMethods = () => ({});
export const legacyRestEndpointMethods = () => ({});
