import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{a,b}from"./chunk-5ER2HAIN.js";import"./chunk-OJKPH2JY.js";import"./chunk-TKEE2NRD.js";import"./chunk-B3PHXHOY.js";import"./chunk-R4PLKTVX.js";import"./chunk-X2DHRNOA.js";import"./chunk-FFGWNXSJ.js";export{b as digestOf,a as expandFiles};
