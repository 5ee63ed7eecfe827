// Run by the test's page: measures the displays as the browser draws them.
const rgb = s => s.match(/[\d.]+/g).map(Number);
const light = c => { const f = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 };
  return .2126 * f(c[0]) + .7152 * f(c[1]) + .0722 * f(c[2]) };
const back = rgb(getComputedStyle(document.body).backgroundColor);
const over = (c, a) => c.slice(0, 3).map((v, i) => v * a + back[i] * (1 - a));
const alpha = e => e && e !== document.body ? Number(getComputedStyle(e).opacity) * alpha(e.parentElement) : 1;
const contrast = e => { const l = [light(over(rgb(getComputedStyle(e).color), alpha(e))), light(back)].sort((a, b) => b - a);
  return (l[0] + .05) / (l[1] + .05) };
// Of what is in it; a cell is as tall as the tallest of its row.
const tall = e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().height };
const said = [...document.querySelectorAll('.ft p, .ft td, .ft th, .ft span')].filter(e => e.textContent.trim());
const found = {
  contrast: Math.min(...said.map(contrast)),
  faintest: said.sort((a, b) => contrast(a) - contrast(b))[0].outerHTML.slice(0, 120),
  bars: [...document.querySelectorAll('.ft i.ft-b')].map(e => [
    e.firstChild.getBoundingClientRect().width / e.getBoundingClientRect().width,
    parseFloat(e.firstChild.style.width) / 100]),
  folded: [...document.querySelectorAll('.ft td:not(.ft-f)')].filter(e => tall(e) > 26).length,
  turned: [...document.querySelectorAll('.ft th, .ft td')].filter(e =>
    getComputedStyle(e).textAlign !== (e.classList.contains('ft-r') ? 'right' : 'left')).length,
  widest: Math.max(...[...document.querySelectorAll('.ft')].map(e => e.scrollWidth - e.clientWidth)),
  title: document.title,
};
document.body.dataset.found = JSON.stringify(found);
