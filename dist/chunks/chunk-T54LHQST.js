import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{a as r}from"./chunk-FFGWNXSJ.js";function s(e){let n=e.answer.kind==="answered"?e.answer.shares:e.intended;return n.length===1?n[0]?.version:void 0}r(s,"servedVersion");function i(e){return e===void 0?[]:[{version:e,weight:100}]}r(i,"allTo");export{s as a,i as b};
