"use strict";
/* Away from the network: what a form with data-queue says is kept on this device and sent when the server answers again.
   Each carries a key of its own, so that what arrived without our hearing of it is not noted twice. */

{
  const { words, toast } = window.liuke;
  const PLACE = "liuke.queue";
  const me = document.body.dataset.signedIn || "";
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];

  const read = () => {
    try { return JSON.parse(localStorage.getItem(PLACE) || "[]"); } catch { return []; }
  };
  const write = (entries) => {
    try { localStorage.setItem(PLACE, JSON.stringify(entries)); return true; } catch { return false; }
  };
  const mine = () => read().filter((one) => one.user === me);
  const drop = (key) => write(read().filter((one) => one.key !== key));

  const show = () => {
    document.querySelector(".toast[data-waiting]")?.remove();
    const count = mine().length;
    if (!count) return;
    toast(words.waiting.replace("%(n)s", String(count)), "warn");
    document.getElementById("toasts")?.lastElementChild?.setAttribute("data-waiting", "");
  };

  const keep = (form) => {
    const data = new FormData(form);
    const key = data.get("key") || crypto.randomUUID();
    data.set("key", key);
    if (!data.get("at")) data.set("at", new Date().toISOString());
    data.delete("csrfmiddlewaretoken");
    const url = form.getAttribute("hx-post") || form.getAttribute("action");
    const entry = { user: me, key, url, label: form.dataset.queue, values: [...data].filter(([, value]) => typeof value === "string") };
    if (!write([...read().filter((one) => one.key !== key), entry])) return false; // full or forbidden: the form stays open
    delete form.dataset.dirty;
    document.dispatchEvent(new CustomEvent("kit:close"));
    show();
    return true;
  };

  /* One at a time, in the order of writing. Refused for good: said so, with a way to look at it again. */
  let sending = false;
  const send = async () => {
    if (sending || !me || !mine().length) return;
    sending = true;
    let sent = 0;
    try {
      for (const entry of mine()) {
        const body = new URLSearchParams(entry.values);
        const headers = { "X-CSRFToken": token(), "HX-Request": "true" };
        let answer;
        try { answer = await fetch(entry.url, { method: "POST", body, headers, redirect: "manual" }); } catch { break; }
        if (answer.status === 401 || answer.status === 429 || answer.status >= 500) break;
        drop(entry.key);
        if (answer.ok && answer.status !== 422) sent += 1; else refuse(entry);
      }
    } finally {
      sending = false;
    }
    if (!sent) return;
    show();
    toast(words.sent.replace("%(n)s", String(sent)), "ok");
    for (const name of ["timeline", "followups", "customer"]) document.body.dispatchEvent(new CustomEvent(`changed:${name}`));
  };
  const refuse = (entry) => {
    const note = Object.fromEntries(entry.values).note || "";
    const again = new URL(entry.url, location.origin);
    again.searchParams.set("note", note);
    toast(`${words.refused} ${entry.label} · ${note}`, "danger", { href: again.pathname + again.search, text: words.again });
  };

  /* The form is open and the server does not answer. */
  document.addEventListener("htmx:sendError", (event) => {
    const form = event.detail.elt.closest?.("form[data-queue]");
    if (form && event.detail.requestConfig?.verb === "post" && keep(form)) event.stopImmediatePropagation();
  }, true);

  /* The form could not even be fetched: the page brought a plain one along for such times. */
  document.addEventListener("htmx:sendError", (event) => {
    const { requestConfig } = event.detail;
    const spare = document.getElementById("offline-form");
    const path = requestConfig?.path || "";
    const dialog = document.getElementById("dialog");
    if (!spare || !dialog || requestConfig.verb !== "get" || !path.includes(spare.dataset.path)) return;
    event.stopImmediatePropagation();
    const copy = spare.content.cloneNode(true);
    const form = copy.querySelector("form");
    form.action = path;
    form.querySelector("[name=key]").value = crypto.randomUUID();
    form.dataset.queue = spare.dataset.label;
    document.getElementById("dialog-body").replaceChildren(copy);
    if (!dialog.open) dialog.showModal();
    form.querySelector("textarea")?.focus();
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-spare]");
    if (!form) return;
    event.preventDefault();
    if (keep(form)) send();
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches?.("[data-sign-out]") && mine().length && !window.confirm(words.unsent)) event.preventDefault();
  }, true);

  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  setInterval(send, 30000);
  show();
  send();
}
