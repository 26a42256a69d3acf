// Stands in for @duckdb/node-bindings in the built actions: loads the native part from where duckdb-install.ts put it.
const binding = { exports: {} };
process.dlopen(binding, globalThis[Symbol.for('sluice.duckdb-binding')]);
module.exports = binding.exports;
