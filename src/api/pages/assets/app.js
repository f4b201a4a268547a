// What makes the pages live. Without it everything still works by forms and links.
'use strict';

const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Gets a page of ours as a document; nothing in it runs. */
async function pageAt(address, signal) {
  const answer = await fetch(address, { headers: { Accept: 'text/html' }, signal });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

/** Puts what is within `fresh` into `region`, if it differs. */
function renew(region, fresh) {
  if (region.innerHTML === fresh.innerHTML) return;
  region.replaceChildren(...fresh.childNodes);
  reveal(region);
}

/** A region that follows what happens: at each event the page is asked for anew and the region takes its part of it. */
function follow(region) {
  const address = region.dataset.live;
  const pause = 700;
  let source = null, busy = false, again = false, timer = 0;
  const end = () => { source?.close(); clearInterval(timer); };
  async function look() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const page = await pageAt(location.href);
      const fresh = page.getElementById(region.id);
      if (!fresh) { location.reload(); return; }
      renew(region, fresh);
      if (!fresh.hasAttribute('data-live')) {
        end();
        delete region.dataset.live;
        // What stands around it is of before.
        if (region.dataset.then !== 'stay') location.reload();
      }
    } catch { /* The next event or the next look tells. */ }
    await new Promise((wake) => setTimeout(wake, pause));
    busy = false;
    if (again) { again = false; look(); }
  }
  if (address) {
    source = new EventSource(address);
    for (const name of ['message', 'job', 'import', 'progress', 'end']) {
      source.addEventListener(name, (event) => { if (name === 'end') source.close(); look(event); });
    }
  }
  // Also where events do not come through, such as behind a proxy that holds them back.
  timer = setInterval(look, address ? 10_000 : 2_000);
  addEventListener('pagehide', end);
}

/** Files that are dropped anywhere on the form go into its field. */
function takeDrops(form) {
  const zone = find('.drop', form), field = find('input[type=file]', form), chosen = find('[data-chosen]', form);
  const tell = () => {
    const file = field.files[0];
    chosen.textContent = file ? `${file.name}, ${Math.max(1, Math.round(file.size / 1024))} KiB` : '';
  };
  field.addEventListener('change', tell);
  const withFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  for (const name of ['dragenter', 'dragover']) {
    addEventListener(name, (event) => {
      if (!withFiles(event)) return;
      event.preventDefault();
      zone.classList.add('over');
    });
  }
  addEventListener('dragleave', (event) => { if (!event.relatedTarget) zone.classList.remove('over'); });
  addEventListener('drop', (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    zone.classList.remove('over');
    if (event.dataTransfer.files.length !== 1) {
      chosen.textContent = 'One list at a time, please.';
      return;
    }
    field.files = event.dataTransfer.files;
    tell();
    find('button[type=submit]', form).focus();
  });
  tell();
}

/** Weights that are moved rank anew by themselves. */
function askAsMoved(form) {
  const result = document.getElementById('result'), usual = find('[data-usual-again]', form);
  const sliders = findAll('input[type=range]', form), said = find('[data-said]', form);
  let timer = 0, under = null;
  const show = (slider) => { find(`output[for="${slider.id}"]`, form).textContent = slider.value; };
  const asUsual = () => sliders.every((slider) => slider.value === slider.dataset.usual);
  async function ask() {
    under?.abort();
    under = new AbortController();
    const fields = new FormData(form);
    // The address stays short where nothing is said.
    for (const [name, value] of [...fields]) if (value === '') fields.delete(name);
    if (asUsual()) for (const slider of sliders) fields.delete(slider.name);
    const query = new URLSearchParams(fields).toString();
    const address = form.getAttribute('action') + (query ? `?${query}` : '');
    result.setAttribute('aria-busy', 'true');
    try {
      const page = await pageAt(address, under.signal);
      renew(result, page.getElementById('result'));
      history.replaceState(null, '', address);
      tick();
      // The words alone: a whole table would be read out.
      said.textContent = findAll('#whatif, #refused, #ranking', result).map((head) => head.textContent).join('. ');
    } catch (error) {
      if (error.name === 'AbortError') return;
      // The plain way, which does not come back here.
      form.submit();
    }
    result.setAttribute('aria-busy', 'false');
  }
  const soon = () => { clearTimeout(timer); timer = setTimeout(ask, 350); };
  for (const slider of sliders) {
    slider.addEventListener('input', () => { show(slider); soon(); });
    // What the browser has kept from before.
    show(slider);
  }
  if (usual) {
    usual.hidden = false;
    usual.addEventListener('click', () => {
      for (const slider of sliders) { slider.value = slider.dataset.usual; show(slider); }
      soon();
    });
  }
  form.addEventListener('submit', (event) => {
    if (!result) return;
    event.preventDefault();
    clearTimeout(timer);
    ask();
  });
}

/** Says how many rows are ticked, and whether they can be compared. */
function tick() {
  const form = find('[data-compare]');
  if (!form) return;
  const ticked = findAll('input[form=compare]:checked').length;
  const said = find('[data-ticked]', form);
  find('button', form).disabled = ticked < 2 || ticked > 3;
  const words = ticked === 0 ? 'Tick two or three rows.'
    : ticked === 1 ? 'One ticked; tick one or two more.'
    : ticked <= 3 ? `${ticked} ticked.` : `${ticked} ticked; three are the most.`;
  if (said.textContent !== words) said.textContent = words;
}

/** Shows what needs a script. */
function reveal(within) {
  for (const button of findAll('[data-print], [data-copy]', within)) button.hidden = false;
}

/** A link to sign in carries its token behind the #, which no server sees. */
function takeToken() {
  const field = find('body.sign-in #token');
  const token = location.hash.slice(1);
  if (!field || !token.startsWith('plaudit_')) return;
  field.value = token;
  // So that it does not stay in the history.
  history.replaceState(null, '', location.pathname + location.search);
  find('body.sign-in button[type=submit]').focus();
}

document.addEventListener('change', (event) => { if (event.target.matches?.('input[form=compare]')) tick(); });
document.addEventListener('click', async (event) => {
  const target = event.target.closest?.('[data-print], [data-copy]');
  if (!target) return;
  if (target.matches('[data-print]')) { print(); return; }
  const field = document.getElementById(target.dataset.copy);
  field.select();
  const said = find('[data-copied]');
  try {
    await navigator.clipboard.writeText(field.value);
    said.textContent = 'Copied.';
  } catch {
    said.textContent = 'It is selected: copy it with the keyboard.';
  }
});
// A word about what was done must not come again with a reload or a bookmark.
if (new URLSearchParams(location.search).has('done')) {
  const address = new URL(location.href);
  address.searchParams.delete('done');
  history.replaceState(null, '', address);
}
reveal(document);
takeToken();
findAll('[data-live]').forEach(follow);
findAll('[data-drop]').forEach(takeDrops);
findAll('[data-asking]').forEach(askAsMoved);
tick();
