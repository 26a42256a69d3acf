export { resultSchema } from '@sluice/core/gate/report/result.ts';
