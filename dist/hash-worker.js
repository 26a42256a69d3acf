import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{a}from"./chunks/chunk-X2DHRNOA.js";import"./chunks/chunk-FFGWNXSJ.js";export{a as hashFile};
