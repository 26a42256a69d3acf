import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);
import{b as v}from"./chunk-77ATC2LM.js";import{a as A,c as m}from"./chunk-OU6LHR7G.js";import{f as w,j as M,l as T,m as L,n as E,o as R}from"./chunk-PQRDDUK4.js";import{a as t}from"./chunk-FFGWNXSJ.js";var U=/[\p{Cc}\p{Bidi_Control}]/gu;function l(n){return n.replace(U,e=>`	
\r`.includes(e)?e:"\uFFFD")}t(l,"visible");var dn=65535,_=1048576,u="&#8203;";function f(n){return b(n).replace(/[\\`*_{}[\]<>#+!~&$]/g,"\\$&").replace(/#(?=\d)/g,`#${u}`).replaceAll("|","&#124;").replace(/^([-=]|\d+(?=[.)]))/,u+"$1").replace(/@(?=\w)/g,`@${u}`).replace(/:\/\//g,`:${u}//`).replace(/\bwww\./gi,e=>`${e.slice(0,3)}${u}.`)}t(f,"escapeMarkdown");function g(n){let e=b(n),r=Math.max(0,...[...e.matchAll(/`+/g)].map(([s])=>s.length)),o="`".repeat(r+1),i=/^`|`$|^ .* $/.test(e)||e.trim()===""?" ":"";return`${o}${i}${e}${i}${o}`}t(g,"code");function k(n,e){let r=n.map(i=>i.replace(/^>/,"")),o=n.map(i=>i.startsWith(">")?"---:":"---");return[r,o,...e].map(i=>`| ${i.map(K).join(" | ")} |`).join(`
`)}t(k,"table");function h(n){let e=Math.max(2,...[...n.matchAll(/`+/g)].map(([o])=>o.length)),r="`".repeat(e+1);return`${r}text
${l(n).trimEnd()}
${r}`}t(h,"codeBlock");function ln(n){return n.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g,"$1\u2026")}t(ln,"withShortDigests");function j(n,e){return`<details>
<summary>${F(b(n))}</summary>

${e}

</details>`}t(j,"details");function F(n){return n.replace(/[&<>"'@]/g,e=>e==="@"?`@${u}`:`&#${String(e.codePointAt(0))};`)}t(F,"escapeHtml");function I(n,e,r,o="characters"){let i=t(d=>o==="bytes"?Buffer.byteLength(d):d.length,"size");if(i(n)<=e)return n;let s=n.split(`
`),c=s.length,a;do c=Math.min(c-1,Math.floor(c*Math.min(1,e/i(s.slice(0,c).join(`
`))))),a=`${Y(s.slice(0,Math.max(0,c)).join(`
`))}

${r}`;while(c>0&&i(a)>e);return c>0?a:r}t(I,"truncate");function Y(n){let e=t(i=>n.match(i)?.length??0,"count"),r=e(/^```/gm)%2===1?"\n```":"",o=e(/^<details>/gm)-e(/^<\/details>/gm);return n+r+`

</details>`.repeat(Math.max(0,o))}t(Y,"closed");function K(n){return n.replace(/\r?\n/g," ").replace(/(?<!\\)\|/g,"\\|")}t(K,"cell");function b(n){return l(n.replace(/[\r\n\t\u2028\u2029]+/g," "))}t(b,"oneLine");function x(n){return n>=1e3?1:n>=10?2:n>=.001||n===0?4:2-Math.floor(Math.log10(n))}t(x,"usualDecimals");var W=100;function fn(...n){let e=Math.max(...n.map(Math.abs)),r=new Set(n).size;for(let o=x(e);o<=Math.min(W,x(e)+16);o++){let i=n.map(s=>H(s,o));if(new Set(i).size===r)return i}return n.map(String)}t(fn,"formatApart");function y(n){let e=x(Math.abs(n));return e>W?String(n):H(n,e)}t(y,"formatNumber");function pn(n){if(n===0)return"\xB10";let e=y(Math.abs(n));return`${n>0?"+":"\u2212"}${e}`}t(pn,"formatChange");function mn(n){let e=[["day",86400],["hour",3600],["minute",60]],[r,o]=e.find(([,s])=>n>=s)??["second",1],i=Math.max(0,Math.floor(n/o));return`${i} ${r}${i===1?"":"s"}`}t(mn,"formatAge");function hn(n){return`${Number((n*100).toFixed(4))} %`}t(hn,"formatPercent");function H(n,e){let[r="",o]=Math.abs(n).toFixed(e).split("."),i=r.replace(/\B(?=(\d{3})+$)/g,",");return`${n<0?"\u2212":""}${i}${o===void 0?"":`.${o}`}`}t(H,"fixed");var V=["chart","appendix","finding"];function C(n,e,r,o="characters"){return p(G(n,e,r,o))}t(C,"fitSections");function G(n,e,r,o="characters"){let i=t(a=>o==="bytes"?Buffer.byteLength(a):a.length,"size"),s=[...n];if(i(p(s))<=e)return s;let c={weight:"verdict",markdown:r};for(let a of V)for(let d=s.length-1;d>=0;d--)if(s[d]?.weight===a&&(s.splice(d,1),i(p([...s,c]))<=e))return[...s,c];return[{weight:"verdict",markdown:I(p([...s,c]),e-1,r,o)}]}t(G,"fittingSections");function p(n){return`${n.map(({markdown:r})=>r).filter(r=>r!=="").join(`

`)}
`}t(p,"joinSections");var Q="This is more than GitHub shows. All of it is in the output `result`.",q=_-1024;function Ln(n,e){let{headline:r,changed:o,tellsTodo:i=!0,rest:s,elsewhere:c=Q}=n,a=i&&e.reason!==void 0?[on(e.reason)]:[];return C([J(r,e),...o,...a,...s],q,c,"bytes")}t(Ln,"renderSummary");function J(n,{message:e,warns:r}){let{model:o,matrixKey:i="",version:s,verdict:c,tellsWarnings:a=!0,advice:d}=n,D=[o===void 0?"The model":nn(o,i),...s===void 0?[]:[g(s)],`${f(c)}${r&&a?", with warnings":""}${d===void 0?"":`: ${d}`}`],P=X(tn(e,Z(n)));return{weight:"verdict",markdown:[`### ${D.join(" ")}`,...P].join(`

`)}}t(J,"headlineSection");function X(n){let[e="",...r]=n.split(/\r?\n/);return[...e===""?[]:[`**${f(e)}**`],...r.length===0?[]:[h(r.join(`
`))]]}t(X,"whyMarkdown");function Z({model:n,version:e,verdict:r}){return[n,e,r].filter(o=>o!==void 0).join(" ")}t(Z,"headlineText");function nn(n,e){return e===""?g(n):`${g(n)} (${g(e)})`}t(nn,"titleOf");var en=/^Dry run: /;function tn(n,e){let[r=""]=en.exec(n)??[];if(!n.startsWith(e,r.length))return n;let o=n.slice(r.length+e.length).replace(/^[.,;:]?\s*(and )?/,"");return r+o.replace(/^\w(?=[a-z]*[ ,])/,i=>r===""?i.toUpperCase():i.toLowerCase())}t(tn,"withoutHeadline");var rn="https://github.com/sluice-ml/sluice/blob/v1/docs/troubleshooting.md";function on({code:n,remedy:e}){let r=`Reason code: ${g(n)} ([ways out](${rn}#${n})).`;return B(e===void 0?r:`#### What to do

${e}

${r}`,"verdict")}t(on,"reasonSection");function B(n,e="finding"){return{weight:e,markdown:n}}t(B,"unfolded");function N(n,e){return{weight:"appendix",markdown:j(n,e)}}t(N,"folded");var O=12;function En(n){let e=Object.entries(n);if(e.length===0)return[];let r=t((s,c)=>k(["Metric",">Value"],s.map(([a,d])=>[f(a),c(d)])),"rows"),o=e.length-O,i=o>0?`

and ${o} more, folded below.`:"";return[B(r(e.slice(0,O),y)+i),N(`All metrics, unrounded (${e.length})`,r(e,String))]}t(En,"metricsSections");function Rn(n,e){let r=Object.entries(e).flatMap(([o,i])=>i===void 0?[]:[`${f(o)}

${h(i)}`]);return N(n,r.join(`

`))}t(Rn,"wholeSection");function z(n){return l(m(n)).replace(/^([\s\u0085]*):(?=:)/gm,"$1:\u200B").replace(/##(?=\[)/g,"#\u200B#")}t(z,"inert");function $(n){return l(m(n))}t($,"plain");var In={info:t(n=>E(z(n)),"info"),notice:t(n=>L($(n)),"notice"),warning:t((n,e={})=>T($(n),{...e.title===void 0?{}:{title:e.title},...e.file===void 0?{}:{file:e.file},...e.line===void 0?{}:{startLine:e.line}}),"warning"),debug:t(n=>M($(n)),"debug"),group:t((n,e)=>R(z(n),e),"group"),raw:process.stdout};function Wn(n){A(n),w(n)}t(Wn,"maskSecret");var S;function Bn(n){return S=v("model",n),S}t(Bn,"readModelName");function Nn(){return S}t(Nn,"modelInQuestion");export{z as a,$ as b,In as c,Wn as d,dn as e,f,g,k as h,h as i,ln as j,j as k,fn as l,y as m,pn as n,mn as o,hn as p,C as q,G as r,p as s,Ln as t,J as u,on as v,B as w,N as x,En as y,Rn as z,Bn as A,Nn as B};
