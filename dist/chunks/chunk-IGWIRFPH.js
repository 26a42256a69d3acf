import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{a as n}from"./chunk-FFGWNXSJ.js";function i(t){return t==="https://github.com"||e(t)!==void 0}n(i,"hasIdentities");function e(t){return/^https:\/\/([a-z0-9-]+)\.ghe\.com$/.exec(t)?.[1]}n(e,"tenantOf");export{i as a,e as b};
