"use strict";
/* Lists: choosing rows for the bulk bar. Works on whatever htmx brings in, because it listens on the document. */

{
  const boxes = (form) => [...document.querySelectorAll(`input[name=ids]`)].filter((box) => box.form === form);
  const bar = (form) => form.querySelector("[data-bulk-bar]") || document.querySelector(`[data-bulk-bar][data-for="${form.id}"]`);

  const refresh = (form) => {
    const all = boxes(form);
    const chosen = all.filter((box) => box.checked);
    const shown = bar(form);
    if (!shown) return;
    const head = form.querySelector("[data-bulk-all]") || document.querySelector("[data-bulk-all]");
    const everything = shown.querySelector("input[name=all]");
    const whole = all.length > 0 && chosen.length === all.length;
    shown.hidden = chosen.length === 0;
    if (head) {
      head.checked = whole;
      head.indeterminate = chosen.length > 0 && !whole;
    }
    if (everything) {
      everything.closest("label").hidden = !whole;
      if (!whole) everything.checked = false;
    }
    shown.querySelector("[data-bulk-count]").textContent = everything?.checked
      ? everything.closest("label").querySelector(".num")?.textContent
      : String(chosen.length);
  };

  let last = null;
  document.addEventListener("click", (event) => {
    const clear = event.target.closest?.("[data-bulk-clear]");
    if (clear) {
      const form = clear.closest("form[data-bulk]");
      for (const box of boxes(form)) box.checked = false;
      refresh(form);
      return;
    }
    if (!event.target.matches?.("input[name=ids]")) return;
    const form = event.target.form;
    /* Shift takes all between this and the one before. */
    if (event.shiftKey && last && last.form === form && last !== event.target) {
      const all = boxes(form);
      const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
      for (const box of all.slice(from, to + 1)) box.checked = event.target.checked;
    }
    last = event.target;
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form?.closest("form[data-bulk]");
    if (!form) return;
    if (event.target.matches("[data-bulk-all]")) {
      for (const box of boxes(form)) box.checked = event.target.checked;
    }
    refresh(form);
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const form of document.querySelectorAll("form[data-bulk]")) refresh(form);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-bulk]")) refresh(form);
  });

  /* "Load more" goes when its rows have come; the next one comes with them. */
  document.addEventListener("htmx:afterRequest", (event) => {
    const more = event.detail.elt.closest?.("[data-more]");
    if (more && event.detail.successful) more.closest(".pager")?.remove();
  });
}
