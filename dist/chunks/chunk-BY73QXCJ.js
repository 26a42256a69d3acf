import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{a as m}from"./chunk-LZXLU3IS.js";import{b as x}from"./chunk-77ATC2LM.js";import{a as r}from"./chunk-FFGWNXSJ.js";var V=65535,S=1048576,l="&#8203;";function u(n){return h(n).replace(/[\\`*_{}[\]<>#+!~&$]/g,"\\$&").replace(/#(?=\d)/g,`#${l}`).replaceAll("|","&#124;").replace(/^([-=]|\d+(?=[.)]))/,l+"$1").replace(/@(?=\w)/g,`@${l}`).replace(/:\/\//g,`:${l}//`).replace(/\bwww\./gi,e=>`${e.slice(0,3)}${l}.`)}r(u,"escapeMarkdown");function g(n){let e=h(n),t=Math.max(0,...[...e.matchAll(/`+/g)].map(([s])=>s.length)),o="`".repeat(t+1),i=/^`|`$|^ .* $/.test(e)||e.trim()===""?" ":"";return`${o}${i}${e}${i}${o}`}r(g,"code");function w(n,e){let t=n.map(i=>i.replace(/^>/,"")),o=n.map(i=>i.startsWith(">")?"---:":"---");return[t,o,...e].map(i=>`| ${i.map(O).join(" | ")} |`).join(`
`)}r(w,"table");function p(n){let e=Math.max(2,...[...n.matchAll(/`+/g)].map(([o])=>o.length)),t="`".repeat(e+1);return`${t}text
${m(n).trimEnd()}
${t}`}r(p,"codeBlock");function q(n){return n.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g,"$1\u2026")}r(q,"withShortDigests");function M(n,e){return`<details>
<summary>${W(h(n))}</summary>

${e}

</details>`}r(M,"details");function W(n){return n.replace(/[&<>"'@]/g,e=>e==="@"?`@${l}`:`&#${String(e.codePointAt(0))};`)}r(W,"escapeHtml");function T(n,e,t,o="characters"){let i=r(d=>o==="bytes"?Buffer.byteLength(d):d.length,"size");if(i(n)<=e)return n;let s=n.split(`
`),c=s.length,a;do c=Math.min(c-1,Math.floor(c*Math.min(1,e/i(s.slice(0,c).join(`
`))))),a=`${H(s.slice(0,Math.max(0,c)).join(`
`))}

${t}`;while(c>0&&i(a)>e);return c>0?a:t}r(T,"truncate");function H(n){let e=r(i=>n.match(i)?.length??0,"count"),t=e(/^```/gm)%2===1?"\n```":"",o=e(/^<details>/gm)-e(/^<\/details>/gm);return n+t+`

</details>`.repeat(Math.max(0,o))}r(H,"closed");function O(n){return n.replace(/\r?\n/g," ").replace(/(?<!\\)\|/g,"\\|")}r(O,"cell");function h(n){return m(n.replace(/[\r\n\t\u2028\u2029]+/g," "))}r(h,"oneLine");function $(n){return n>=1e3?1:n>=10?2:n>=.001||n===0?4:2-Math.floor(Math.log10(n))}r($,"usualDecimals");var R=100;function Z(...n){let e=Math.max(...n.map(Math.abs)),t=new Set(n).size;for(let o=$(e);o<=Math.min(R,$(e)+16);o++){let i=n.map(s=>A(s,o));if(new Set(i).size===t)return i}return n.map(String)}r(Z,"formatApart");function y(n){let e=$(Math.abs(n));return e>R?String(n):A(n,e)}r(y,"formatNumber");function nn(n){if(n===0)return"\xB10";let e=y(Math.abs(n));return`${n>0?"+":"\u2212"}${e}`}r(nn,"formatChange");function en(n){let e=[["day",86400],["hour",3600],["minute",60]],[t,o]=e.find(([,s])=>n>=s)??["second",1],i=Math.max(0,Math.floor(n/o));return`${i} ${t}${i===1?"":"s"}`}r(en,"formatAge");function tn(n){return`${Number((n*100).toFixed(4))} %`}r(tn,"formatPercent");function A(n,e){let[t="",o]=Math.abs(n).toFixed(e).split("."),i=t.replace(/\B(?=(\d{3})+$)/g,",");return`${n<0?"\u2212":""}${i}${o===void 0?"":`.${o}`}`}r(A,"fixed");var v=["chart","appendix","finding"];function _(n,e,t,o="characters"){return f(B(n,e,t,o))}r(_,"fitSections");function B(n,e,t,o="characters"){let i=r(a=>o==="bytes"?Buffer.byteLength(a):a.length,"size"),s=[...n];if(i(f(s))<=e)return s;let c={weight:"verdict",markdown:t};for(let a of v)for(let d=s.length-1;d>=0;d--)if(s[d]?.weight===a&&(s.splice(d,1),i(f([...s,c]))<=e))return[...s,c];return[{weight:"verdict",markdown:T(f([...s,c]),e-1,t,o)}]}r(B,"fittingSections");function f(n){return`${n.map(({markdown:t})=>t).filter(t=>t!=="").join(`

`)}
`}r(f,"joinSections");var N="This is more than GitHub shows. All of it is in the output `result`.",z=S-1024;function gn(n,e){let{headline:t,changed:o,tellsTodo:i=!0,rest:s,elsewhere:c=N}=n,a=i&&e.reason!==void 0?[G(e.reason)]:[];return _([C(t,e),...o,...a,...s],z,c,"bytes")}r(gn,"renderSummary");function C(n,{message:e,warns:t}){let{model:o,matrixKey:i="",version:s,verdict:c,tellsWarnings:a=!0,advice:d}=n,E=[o===void 0?"The model":F(o,i),...s===void 0?[]:[g(s)],`${u(c)}${t&&a?", with warnings":""}${d===void 0?"":`: ${d}`}`],I=U(K(e,D(n)));return{weight:"verdict",markdown:[`### ${E.join(" ")}`,...I].join(`

`)}}r(C,"headlineSection");function U(n){let[e="",...t]=n.split(/\r?\n/);return[...u(e).trim()===""?[]:[`**${u(e)}**`],...t.length===0?[]:[p(t.join(`
`))]]}r(U,"whyMarkdown");function D({model:n,version:e,verdict:t}){return[n,e,t].filter(o=>o!==void 0).join(" ")}r(D,"headlineText");function F(n,e){return e===""?g(n):`${g(n)} (${g(e)})`}r(F,"titleOf");var Y=/^Dry run: /;function K(n,e){let[t=""]=Y.exec(n)??[];if(!n.startsWith(e,t.length))return n;let o=n.slice(t.length+e.length).replace(/^[.,;:]?\s*(and )?/,"");return t+o.replace(/^\w(?=[a-z]*[ ,])/,i=>t===""?i.toUpperCase():i.toLowerCase())}r(K,"withoutHeadline");var P="https://github.com/sluice-ml/sluice/blob/v1/docs/troubleshooting.md";function G({code:n,remedy:e}){let t=`Reason code: ${g(n)} ([ways out](${P}#${n})).`;return k(e===void 0?t:`#### What to do

${e}

${t}`,"verdict")}r(G,"reasonSection");function k(n,e="finding"){return{weight:e,markdown:n}}r(k,"unfolded");function L(n,e){return{weight:"appendix",markdown:M(n,e)}}r(L,"folded");var j=12;function fn(n){let e=Object.entries(n);if(e.length===0)return[];let t=r((s,c)=>w(["Metric",">Value"],s.map(([a,d])=>[u(a),c(d)])),"rows"),o=e.length-j,i=o>0?`

and ${o} more, folded below.`:"";return[k(t(e.slice(0,j),y)+i),L(`All metrics, unrounded (${e.length})`,t(e,String))]}r(fn,"metricsSections");function mn(n,e){let t=Object.entries(e).flatMap(([o,i])=>i===void 0?[]:[`${u(o)}

${p(i)}`]);return L(n,t.join(`

`))}r(mn,"wholeSection");var b;function yn(n){return b=x("model",n),b}r(yn,"readModelName");function bn(){return b}r(bn,"modelInQuestion");export{V as a,u as b,g as c,w as d,p as e,q as f,M as g,Z as h,y as i,nn as j,en as k,tn as l,_ as m,B as n,f as o,gn as p,C as q,G as r,k as s,L as t,fn as u,mn as v,yn as w,bn as x};
