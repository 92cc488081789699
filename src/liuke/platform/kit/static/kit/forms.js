"use strict";
/* Forms: nothing typed is lost (leaving, errors, an expired session), nothing is sent twice, small ones send themselves. */

{
  const { words, toast } = window.liuke;

  /* Unsaved typing */
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.method === "post" && event.target.name && !form.matches("[data-bulk], [data-auto-submit]")) form.dataset.dirty = "";
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-guard][data-dirty]:not([data-sending])")) event.preventDefault();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (form.method !== "post") return;
    if ("sending" in form.dataset && !form.hasAttribute("hx-post")) {
      event.preventDefault();
      return;
    }
    if (!form.hasAttribute("hx-post")) {
      form.dataset.sending = "";
      keep(form);
      setTimeout(() => delete form.dataset.sending, 8000);
    }
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest?.("form");
    if (form && event.detail.successful) delete form.dataset.dirty;
  });

  /* An expired session: what was sent is kept in this tab. The sign-in page marks it as interrupted; the form takes it back. */
  const KEPT = "liuke.typed";
  const key = (form) => `${location.pathname} ${form.id || form.getAttribute("action") || ""}`;
  const secret = (field) => field.type === "password" || field.type === "file" || field.type === "hidden";

  const keep = (form) => {
    const values = [...form.elements]
      .filter((field) => field.name && !secret(field) && field.type !== "submit" && field.type !== "button")
      .filter((field) => !["checkbox", "radio"].includes(field.type) || field.checked)
      .flatMap((field) => field.multiple ? [...field.selectedOptions].map((o) => [field.name, o.value]) : [[field.name, field.value]]);
    if (values.some(([, value]) => value)) store({ key: key(form), values, interrupted: false });
  };
  const store = (kept) => {
    try { sessionStorage.setItem(KEPT, JSON.stringify(kept)); } catch { /* full or forbidden: then it can't be kept */ }
  };
  const kept = () => {
    try { return JSON.parse(sessionStorage.getItem(KEPT) || "null"); } catch { return null; }
  };
  const restore = () => {
    const typed = kept();
    if (!typed) return;
    if (!("signedIn" in document.body.dataset)) {
      store({ ...typed, interrupted: true });
      return;
    }
    if (!typed.interrupted) {
      sessionStorage.removeItem(KEPT);
      return;
    }
    const form = [...document.forms].find((one) => one.method === "post" && key(one) === typed.key);
    if (!form) return;
    for (const field of form.elements) {
      const values = typed.values.filter(([name]) => name === field.name).map(([, value]) => value);
      if (!field.name || secret(field) || !values.length) continue;
      if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
      else if (field.multiple) for (const option of field.options) option.selected = values.includes(option.value);
      else field.value = values[0];
    }
    form.dataset.dirty = "";
    sessionStorage.removeItem(KEPT);
    toast(words.restored, "ok");
  };
  restore();

  /* What the browser finds wrong before anything is sent is told below its field, in the product's language. */
  let first = null;
  const cause = ({ validity, required, tagName, type }) => {
    if (validity.valueMissing && required) return tagName === "SELECT" || type === "radio" ? words.choose : words.missing;
    if (validity.rangeUnderflow || validity.rangeOverflow) return words.out_of_range;
    return validity.tooShort || validity.tooLong ? words.wrong_length : words.unfit;
  };
  document.addEventListener("invalid", (event) => {
    const field = event.target, host = field.closest(".field") || field.parentElement;
    if (!host || field.validity.customError) return;
    event.preventDefault();
    // Of radios each is found wrong; what is missing is told once, of all of them.
    const id = `${field.type === "radio" ? field.name : field.id || field.name}_invalid`;
    const told = document.getElementById(id) || Object.assign(document.createElement("p"), { id, className: "error" });
    const { min, max } = field;
    told.textContent = cause(field).replace("%(least)s", min || "–").replace("%(most)s", max || "–");
    host.append(told);
    host.classList.add("wrong");
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-errormessage", id);
    if (first) return;
    first = field;
    setTimeout(() => {
      field.closest("details")?.setAttribute("open", "");
      field.focus();
      first = null;
    });
  }, true);
  const settle = ({ target: field }) => {
    const id = field.getAttribute?.("aria-errormessage");
    if (!id || !field.validity?.valid) return;
    document.getElementById(id)?.remove();
    field.closest(".field")?.classList.remove("wrong");
    for (const one of field.type === "radio" ? field.form.querySelectorAll(`[aria-errormessage="${id}"]`) : [field]) {
      for (const name of ["aria-invalid", "aria-errormessage"]) one.removeAttribute(name);
    }
  };
  document.addEventListener("input", settle);
  document.addEventListener("change", settle);

  /* A day is typed as the browser writes days; below it stands what was chosen, in the product's language. */
  const written = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: "full", timeZone: "UTC" });
  const tellDay = (box) => {
    const host = box.closest(".field"), day = box.valueAsDate;
    if (!host) return;
    let told = host.querySelector("[data-day]");
    if (!told && !day) return;
    if (!told) box.after(told = Object.assign(document.createElement("small"), { className: "muted" }));
    told.dataset.day = box.value;
    told.textContent = day ? written.format(day) : "";
  };
  const tellDays = (root) => root.querySelectorAll?.('.field input[type="date"]').forEach(tellDay);
  tellDays(document);
  document.addEventListener("htmx:afterSettle", (event) => tellDays(event.detail.target));
  document.addEventListener("input", ({ target }) => { if (target.type === "date") tellDay(target); });

  /* Focus: the summary of errors first, so that a screen reader starts there. */
  const focusErrors = (root) => root.querySelector?.("[data-focus]")?.focus();
  focusErrors(document);
  document.addEventListener("htmx:afterSettle", (event) => focusErrors(event.detail.target));

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-auto-submit], [data-auto-submit]");
    if (!form) return;
    const sent = form.matches("form") ? form : form.form;
    sent?.requestSubmit();
  });
  /* With a script, a form that sends itself needs no button. */
  for (const control of document.querySelectorAll("[data-auto-submit]")) {
    const form = control.matches("form") ? control : control.form;
    form?.querySelector("button:not([name])")?.setAttribute("hidden", "");
  }
}
