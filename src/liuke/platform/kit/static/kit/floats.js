"use strict";
/* What floats above the page: the dialog, menus, the sheet of keys, suggestions under the search box, the theme, and tabs wider than the window. */

{
  const dialog = document.getElementById("dialog");
  const body = document.getElementById("dialog-body");
  let opener = null;

  const open = (href, from) => {
    opener = from;
    htmx.ajax("GET", href, { source: body, target: body, swap: "innerHTML" }).catch(() => {}); // its events tell what failed
  };

  const close = () => {
    if (!dialog?.open) return;
    dialog.close();
  };

  dialog?.addEventListener("close", () => {
    body.replaceChildren();
    if (opener?.isConnected) opener.focus();
    opener = null;
  });
  dialog?.addEventListener("cancel", (event) => {
    if (!mayLeave()) event.preventDefault();
  });
  const mayLeave = () => !body.querySelector("form[data-dirty]") || window.confirm(window.liuke.words.unsaved);

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-dialog]");
    if (link && dialog && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      const menu = link.closest("details[data-menu]");
      if (menu) menu.open = false;
      open(link.dataset.dialog || link.getAttribute("href"), menu ? menu.querySelector("summary") : link);
      return;
    }
    if (dialog?.open && (event.target.closest?.("#dialog [data-close]") || event.target === dialog)) {
      event.preventDefault();
      if (mayLeave()) close();
      return;
    }
    if (event.target.closest?.("[data-keys-help]")) {
      for (const menu of document.querySelectorAll("details[data-menu][open]")) menu.open = false;
      document.getElementById("keys")?.showModal();
    }
    if (event.target.id === "keys") event.target.close();
  });

  /* The dialog's forms and links to itself go through htmx without saying so in every template. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== body || event.detail.xhr.status >= 400) return;
    const whole = /<html[\s>]/i.test(event.detail.serverResponse.slice(0, 400));
    if (whole) {
      event.detail.shouldSwap = false;
      location.href = event.detail.pathInfo.responsePath || event.detail.pathInfo.finalRequestPath;
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== body || !dialog || !body.firstElementChild) return;
    for (const form of body.querySelectorAll("form[method=post]:not([hx-post], [data-plain])")) {
      form.setAttribute("hx-post", form.getAttribute("action") || event.detail.pathInfo.finalRequestPath);
      form.setAttribute("hx-target", "#dialog-body");
      form.setAttribute("hx-swap", "innerHTML");
      form.setAttribute("hx-sync", "this:drop"); // a second press while the first is under way sends nothing
      if (form.enctype === "multipart/form-data") form.setAttribute("hx-encoding", "multipart/form-data");
      htmx.process(form);
    }
    if (!dialog.open) dialog.showModal();
    const first = body.querySelector("[data-focus], [autofocus]") ||
      body.querySelector("input:not([type=hidden]), select, textarea, .dialog-content a, .dialog-content button");
    first?.focus();
  });
  document.addEventListener("kit:close", close);

  /* Menus are <details>: a click elsewhere, Esc, or another menu closes them; arrows walk. */
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.("details[data-menu]")) return;
    menu.querySelector("summary")?.setAttribute("aria-expanded", String(menu.open));
    if (!menu.open) return;
    for (const other of document.querySelectorAll("details[data-menu][open]")) {
      if (other !== menu && !other.contains(menu)) other.open = false;
    }
    menu.querySelector(".menu-items :is(a, button, input)")?.focus({ preventScroll: true });
  }, true);
  document.addEventListener("pointerdown", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details[data-menu][open]");
    if (!menu) return;
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const items = [...menu.querySelectorAll(".menu-items :is(a, button, input)")];
      const step = event.key === "ArrowDown" ? 1 : -1;
      const at = items.indexOf(document.activeElement);
      items.at((at + step + items.length) % items.length)?.focus();
      event.preventDefault();
    }
  });

  /* Suggestions: the rows come from htmx; the arrows choose, Enter opens. */
  const box = document.getElementById("search");
  const results = document.getElementById("search-results");
  if (box && results) {
    const rows = () => [...results.querySelectorAll("[role=option]")];
    const choose = (row) => {
      for (const other of rows()) other.setAttribute("aria-selected", String(other === row));
      if (row) {
        row.id ||= `found-${rows().indexOf(row)}`;
        box.setAttribute("aria-activedescendant", row.id);
        row.scrollIntoView({ block: "nearest" });
      } else {
        box.removeAttribute("aria-activedescendant");
      }
    };
    const show = (yes) => {
      results.hidden = !yes;
      box.setAttribute("aria-expanded", String(yes));
      if (!yes) choose(null);
    };
    document.addEventListener("htmx:afterSwap", (event) => {
      if (event.detail.target === results) show(Boolean(box.value.trim()) && results.children.length > 0 && document.activeElement === box);
    });
    box.addEventListener("input", () => { if (!box.value.trim()) show(false); });
    box.addEventListener("focus", () => { if (results.children.length && box.value.trim()) show(true); });
    box.form.addEventListener("focusout", (event) => { if (!box.form.contains(event.relatedTarget)) show(false); });
    box.addEventListener("keydown", (event) => {
      const all = rows();
      const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!all.length) return;
        show(true);
        choose(all.at((at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length));
        event.preventDefault();
      } else if (event.key === "Enter" && at >= 0 && !results.hidden) {
        event.preventDefault();
        (all[at].matches("a") ? all[at] : all[at].querySelector("a"))?.click();
      } else if (event.key === "Escape") {
        if (results.hidden) { box.value = ""; box.blur(); } else show(false);
        event.preventDefault();
      }
    });
  }

  /* The theme changes at once; the server remembers it. */
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-theme-switch]");
    const chosen = event.submitter?.value;
    if (!form || !chosen) return;
    event.preventDefault();
    document.documentElement.dataset.theme = chosen;
    for (const button of form.querySelectorAll("button")) {
      if (button.value === chosen) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
    }
    const data = new FormData(form, event.submitter);
    fetch(form.action, { method: "POST", body: data, redirect: "manual", headers: { "X-CSRFToken": data.get("csrfmiddlewaretoken") } });
    document.dispatchEvent(new CustomEvent("kit:theme"));
  });

  /* A strip of tabs wider than the window begins where one is: only the strip moves, never the page. */
  for (const strip of document.querySelectorAll(".tabs")) {
    const here = strip.querySelector("[aria-current]");
    if (here) strip.scrollLeft = here.offsetLeft - strip.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  }
}
