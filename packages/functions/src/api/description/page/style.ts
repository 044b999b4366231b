/** The page's one style sheet. It stands in the page; its digest in the page's Content-Security-Policy. */
export const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--link:#0b57d0;--post:#1a7f37;--put:#9a6700;--delete:#cf222e}
@media(prefers-color-scheme:dark){:root{--link:#8ab4f8;--post:#4ac26b;--put:#d4a72c;--delete:#ff8182}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.55 system-ui,sans-serif;display:grid;grid-template-columns:17rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;border-right:1px solid var(--line);font-size:.875rem}
nav ul{list-style:none;margin:0 0 .75rem;padding:0}
nav h2{font-size:.875rem;margin:.75rem 0 .25rem}
main{padding:1rem 2rem 6rem;max-width:62rem}
a{color:var(--link);text-decoration:none}
a:hover,a:focus{text-decoration:underline}
h1{margin-top:0}
h2{margin-top:3rem;border-bottom:1px solid var(--line)}
h3{margin-top:2.5rem;font-size:1.1rem}
h4{margin:1rem 0 .25rem;font-size:.95rem}
code,pre{font:.875em/1.5 ui-monospace,monospace}
code{background:var(--soft);padding:.1em .3em;border-radius:3px;overflow-wrap:anywhere}
pre{background:var(--soft);padding:.75rem;border-radius:6px;overflow:auto;margin:.25rem 0;max-height:24rem}
table{border-collapse:collapse;width:100%;font-size:.9rem;margin:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line)}
.route{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
.route b{margin-right:.5rem}
.post b{color:var(--post)}.put b{color:var(--put)}.delete b{color:var(--delete)}
.quiet{opacity:.75;font-size:.9rem}
summary{cursor:pointer}
@media(max-width:50rem){body{display:block}nav{position:static;height:auto;border:0}main{padding:1rem}}
`;
