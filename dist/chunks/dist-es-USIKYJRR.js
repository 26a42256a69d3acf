import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{a,b,c,d,e,f,g}from"./chunk-PFO64LLZ.js";import"./chunk-FVUXYFVZ.js";import"./chunk-LX5IBB7N.js";import"./chunk-5U5VX645.js";import"./chunk-FFGWNXSJ.js";export{f as ENV_ACCOUNT_ID,e as ENV_CREDENTIAL_SCOPE,d as ENV_EXPIRATION,a as ENV_KEY,b as ENV_SECRET,c as ENV_SESSION,g as fromEnv};
