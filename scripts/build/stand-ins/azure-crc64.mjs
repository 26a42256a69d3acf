// In place of the WebAssembly that Azure's client loads when it is asked to check what it transfers by CRC64.
export default () =>
  Promise.reject(new Error('CRC64 checksums of Azure Storage are not part of this build.'));
