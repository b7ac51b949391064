// Comfort on top of pages that work without it: shortcuts, theme, instant filters, live updates.
"use strict";

const root = document.documentElement;
root.classList.add("has-script");

const dialog = document.getElementById("shortcuts");
const openDialog = () => document.querySelector("dialog[open]");
const systemDark = matchMedia("(prefers-color-scheme: dark)");

function switchTheme() {
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches;
  root.dataset.theme = isDark ? "light" : "dark";
  // A cookie, so that the server draws the next page in it at once.
  document.cookie = `casebase_theme=${root.dataset.theme}; path=/console; max-age=31536000; samesite=lax`;
}

document.addEventListener("click", (event) => {
  const action = event.target.closest("[data-action]")?.dataset.action;
  if (action === "theme") switchTheme();
  if (action === "shortcuts") dialog?.showModal();
  if (action === "copy") copy(event.target.closest("button"));
  if (event.target.matches("dialog[open]")) event.target.close();
  const link = event.target.closest("a[data-dialog]");
  if (link && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    showForm(link);
  }

  const row = event.target.closest("tr[data-href]");
  if (row && !event.target.closest("a, button, input, select, label") && !getSelection().toString()) {
    if (event.metaKey || event.ctrlKey) open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  }
});

async function copy(button) {
  const field = document.getElementById(button.dataset.from);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  } catch { /* it is selected, to be copied by hand */ }
}

// A link to a form shows the form over the page it is about; what is refused comes back as the form's own page.

async function showForm(link) {
  let form, title;
  try {
    const response = await fetch(link.href, { headers: { accept: "text/html" } });
    const there = new DOMParser().parseFromString(await response.text(), "text/html");
    form = response.ok && !response.redirected && there.querySelector("main .form");
    title = there.querySelector("h1")?.textContent.trim();
  } catch { /* the page itself says what is wrong */ }
  if (!form) return location.assign(link.href);
  const shown = document.getElementById("form-dialog");
  shown.querySelector("h2").textContent = title;
  form.action = form.getAttribute("action") || link.href;
  shown.querySelector(".dialog-body").replaceChildren(document.adoptNode(form));
  shown.showModal();
  // The way out comes first in the dialog, but people came for what is asked.
  shown.querySelector(".dialog-body :is(input:not([type=hidden]), select, textarea)")?.focus();
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    for (const box of document.querySelectorAll('input[form="selection"]')) box.checked = event.target.checked;
  }
  if (event.target.matches('[data-select-all], input[form="selection"]')) countSelection();
  if (event.target.matches("[data-autosubmit] select")) event.target.form.requestSubmit();
});

// A list's chosen rows: the bar that acts on them says how many there are.

function countSelection() {
  const bar = document.getElementById("selection");
  if (!bar) return;
  const count = document.querySelectorAll('input[form="selection"]:checked').length;
  bar.hidden = count === 0;
  bar.querySelector("[data-count]").textContent = count;
}
countSelection();

// Empty filters stay out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-autosubmit]")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

// Shortcuts

const isTyping = (element) =>
  element?.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]") !== null;
let isGoing = false;

function stepRow(step) {
  const rows = [...document.querySelectorAll("tr[data-href]")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("is-current"));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
  rows[at]?.classList.remove("is-current");
  next.classList.add("is-current");
  next.querySelector("a")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const shortcuts = {
  "?": () => dialog?.showModal(),
  "/": () => document.querySelector("[data-search]")?.select(),
  j: () => stepRow(1),
  k: () => stepRow(-1),
  n: () => document.querySelector("a[rel=next]")?.click(),
  t: switchTheme,
  g: () => {
    isGoing = true;
    setTimeout(() => { isGoing = false; }, 1500);
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && isTyping(document.activeElement)) return document.activeElement.blur();
  if (isTyping(event.target)) return;
  if (isGoing && !openDialog()) {
    isGoing = false;
    const link = [...document.querySelectorAll(".side [data-key]")].find((a) => a.dataset.key === event.key);
    if (link) { event.preventDefault(); location.assign(link.href); }
    return;
  }
  const choice = /^[1-9]$/.test(event.key) &&
    (openDialog() ?? document).querySelector(`[data-digit="${event.key}"]`);
  if (choice) { event.preventDefault(); choice.focus(); choice.checked = true; return; }
  if (openDialog()) return;
  const act = shortcuts[event.key];
  if (act) { event.preventDefault(); act(); }
});

// Live updates

const toasts = document.querySelector(".toasts");

function offerReload() {
  if (!toasts || toasts.childElementCount) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.append("This page has changed.");
  const button = document.createElement("button");
  button.className = "button button-quiet";
  button.textContent = "Show the update";
  button.addEventListener("click", () => location.reload());
  toast.append(button);
  toasts.append(toast);
}

const stale = new Set();
let refreshing = null;

function concerned(change) {
  return [...document.querySelectorAll("[data-live][id]")].filter((element) =>
    (change.topic === "*" || element.dataset.live.split(" ").includes(change.topic)) &&
    (!element.dataset.liveSubject || !change.subject_id || element.dataset.liveSubject === change.subject_id));
}

async function refresh(complain = offerReload) {
  const ids = [...stale];
  stale.clear();
  let fresh;
  try {
    const response = await fetch(location.href, { headers: { accept: "text/html" } });
    if (response.redirected || !response.ok) return complain();
    fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return complain();
  }
  for (const id of ids) {
    const old = document.getElementById(id);
    const now = fresh.getElementById(id);
    if (!old || !now) { complain(); continue; }
    if (old.innerHTML === now.innerHTML) continue;
    if (isTyping(document.activeElement) && old.contains(document.activeElement)) { complain(); continue; }
    if (old.querySelector("input[name=selected]:checked")) { complain(); continue; }
    const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const current = old.querySelector("tr.is-current")?.dataset.href;
    const scrolled = old.querySelector("[role=region]")?.scrollLeft;
    old.replaceWith(now);
    now.classList.add("is-fresh");
    if (scrolled) now.querySelector("[role=region]")?.scrollTo({ left: scrolled });
    if (current) now.querySelector(`tr[data-href="${CSS.escape(current)}"]`)?.classList.add("is-current");
    if (focused) now.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}

function changed(change) {
  const elements = concerned(change);
  if (!elements.length) return;
  for (const element of elements) stale.add(element.id);
  clearTimeout(refreshing);
  refreshing = setTimeout(() => refresh(), 120);
}

const liveUrl = document.body.dataset.liveUrl;
if (liveUrl && document.querySelector("[data-live]")) {
  const source = new EventSource(liveUrl);
  source.addEventListener("ready", () => { root.dataset.liveState = "ready"; });
  source.addEventListener("change", (event) => changed(JSON.parse(event.data)));
  source.addEventListener("signed-out", () => { source.close(); location.reload(); });
  source.addEventListener("error", () => { root.dataset.liveState = "away"; });
  addEventListener("pagehide", () => source.close());
}

// What changes too often to be told of each time looks by itself, and is silent where that fails: it looks again.

for (const element of document.querySelectorAll("[data-renew][id]")) {
  const { id, dataset } = element;
  setInterval(() => {
    if (document.hidden || openDialog()) return;
    stale.add(id);
    refresh(() => {});
  }, 1000 * dataset.renew);
}
