import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{a as r}from"./chunk-FFGWNXSJ.js";var e=r(()=>{throw new Error("The names of browsers are not part of this build.")},"parse"),o={parse:e};export{o as default,e as parse};
