"use strict";
// Shows only what holds all words: rows of tables, paragraphs, lists, scripts, with the headings above them.
const box = document.getElementById("search"), told = document.querySelector("nav output");
const parts = [...document.querySelectorAll("main tbody tr, main p, main li, main dl, main details, main .code, main figure")]
  .filter(part => !part.parentElement.closest("tr, li, dl, details, .code, figure, .missing"));
const texts = parts.map(part => part.textContent.toLowerCase());
const holders = [...document.querySelectorAll("main section, main section div:not(.code):not(td div)")];
function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(word => word);
  let found = 0;
  parts.forEach((part, at) => {
    const hit = words.every(word => texts[at].includes(word));
    part.classList.toggle("out", !hit);
    found += hit;
  });
  holders.forEach(holder => {
    const inside = parts.filter(part => holder.contains(part));
    holder.classList.toggle("out", words.length > 0 && inside.length > 0 && inside.every(part => part.classList.contains("out")));
  });
  document.body.classList.toggle("searching", words.length > 0);
  told.textContent = words.length ? `${found} of ${parts.length} places` : "";
}
let soon;
box.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(search, 150); });
document.addEventListener("keydown", event => {
  if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus(); }
});
