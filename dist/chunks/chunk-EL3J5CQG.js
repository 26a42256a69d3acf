import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{a as t}from"./chunk-FFGWNXSJ.js";async function u(a,f){let e=[],r=0;for await(let n of a){if(r+=n.byteLength,r>f)return;e.push(n)}return Buffer.concat(e)}t(u,"gather");export{u as a};
