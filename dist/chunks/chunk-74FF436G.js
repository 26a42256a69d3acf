import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{a as t}from"./chunk-6EGQSUMG.js";import{a as r}from"./chunk-FFGWNXSJ.js";function s(n){let e=t(n?.trailers.get("Metrics")??"");return typeof e!="object"||e===null?{}:Object.fromEntries(Object.entries(e).filter(o=>typeof o[1]=="number"))}r(s,"versionMetrics");export{s as a};
