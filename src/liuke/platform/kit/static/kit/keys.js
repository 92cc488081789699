"use strict";
/* The keyboard. In a text field every key types; elsewhere j and k walk the rows, and a row's own keys press its buttons
   (data-key), the page's keys press the page's (data-shortcut). */

{
  const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const shown = (element) => element && element.getClientRects().length > 0;
  const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")].filter(shown);
  const current = () => document.querySelector("[data-row][data-current]");

  const go = (row) => {
    current()?.removeAttribute("data-current");
    if (!row) return;
    row.setAttribute("data-current", "");
    row.scrollIntoView({ block: "nearest" });
    const link = row.querySelector("a[href]");
    if (link) link.focus({ preventScroll: true });
  };
  const step = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    go(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]);
  };

  const press = (key) => {
    const within = current()?.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const target = within || [...document.querySelectorAll(`[data-shortcut="${CSS.escape(key)}"]`)].find(shown);
    if (!target) return false;
    if (target.matches("summary")) {
      target.parentElement.open = !target.parentElement.open;
    } else {
      target.click();
    }
    return true;
  };

  const places = { t: "today", c: "customers", i: "insight", s: "settings" };
  let went = 0;

  const simple = (event) => {
    switch (event.key) {
      case "j": step(1); return true;
      case "k": step(-1); return true;
      case "x": {
        const box = current()?.querySelector("input[name=ids]");
        box?.click();
        return Boolean(box);
      }
      case "Enter": {
        const row = current();
        if (!row || event.target.closest("a, button, input, summary")) {
          /* j put the focus on the row's link; Enter opens what the row says, which may be more than that link. */
          if (!row?.dataset.href || event.target !== row.querySelector("a[href]")) return false;
        }
        const href = row.dataset.href || row.querySelector("a[href]")?.href;
        if (href) location.href = href;
        return Boolean(href);
      }
      case "/": {
        const box = document.getElementById("search");
        box?.focus();
        box?.select();
        return Boolean(box);
      }
      case "?": document.getElementById("keys")?.showModal(); return true;
      case "g": went = Date.now(); return true;
      default: return press(event.key);
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const box = document.getElementById("search");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const form = event.target.form;
      if (form?.method === "post") { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.target.closest?.("details[data-menu][open]")) return;
    if (Date.now() - went < 1200 && places[event.key]) {
      went = 0;
      const link = document.querySelector(`[data-place="${places[event.key]}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (simple(event)) event.preventDefault();
  });

  /* A list that is drawn anew keeps one's place: the same row, or the one that has moved up into it. */
  let place = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const row = event.detail.target?.contains?.(current()) ? current() : null;
    if (row) place = { id: row.id, at: rows().indexOf(row) };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!place || current()) return;
    const all = rows();
    const row = (place.id && document.getElementById(place.id)) || all[Math.min(place.at, all.length - 1)];
    place = null;
    if (!row) return;
    if (document.activeElement === document.body && !document.querySelector("dialog[open]")) go(row);
    else row.setAttribute("data-current", "");
  });

  /* The row one is working in is the current one, by mouse too. */
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-rows] [data-row]");
    if (row && row !== current()) {
      current()?.removeAttribute("data-current");
      row.setAttribute("data-current", "");
    }
  });
}
