import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{b as a,c as b,d as c,e as d,f as e}from"./chunk-IPVM7CSO.js";import"./chunk-45B7HXEZ.js";import"./chunk-GLORTUGC.js";import"./chunk-FFGWNXSJ.js";export{d as GitHub,b as context,c as defaults,e as getOctokitOptions,a as getUserAgentWithOrchestrationId};
