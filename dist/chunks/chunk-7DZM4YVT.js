import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{a as e}from"./chunk-FFGWNXSJ.js";function r(n){return n.modelDigest!==void 0}e(r,"isIdentified");export{r as a};
