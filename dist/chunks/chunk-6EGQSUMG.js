import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{a as n}from"./chunk-FFGWNXSJ.js";function e(t){try{return JSON.parse(t)}catch(r){if(r instanceof SyntaxError)return;throw r}}n(e,"parseJson");export{e as a};
