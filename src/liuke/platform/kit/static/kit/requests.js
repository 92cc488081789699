"use strict";
/* Requests: words for scripts, toasts, and what happens when htmx fails. A failed request never leaves the person alone:
   the page stays as it was, with what was typed, and a toast says what to do. */

window.liuke = (() => {
  const words = JSON.parse(document.getElementById("kit-words")?.textContent || "{}");

  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${words.icons}#${name}`);
    svg.append(use);
    return svg;
  };

  /* Takes back what was just done; the server answers with a toast of its own. */
  const undoing = (address) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = address;
    form.dataset.undo = "";
    form.setAttribute("hx-post", address);
    form.setAttribute("hx-swap", "none");
    const button = document.createElement("button");
    button.className = "btn small";
    button.dataset.shortcut = "z";
    const key = document.createElement("kbd");
    key.textContent = "z";
    button.append(`${words.undo} `, key);
    form.append(button);
    return form;
  };

  const toast = (text, tone = "info", action = null, undo = "") => {
    const host = document.getElementById("toasts");
    if (!host || !text) return;
    const box = document.createElement("div");
    box.className = `toast ${tone}`;
    const says = document.createElement("p");
    says.textContent = text;
    box.append(icon({ ok: "check", warn: "warn", danger: "error" }[tone] || "info"), says);
    if (action) {
      const link = document.createElement("a");
      link.className = "btn small";
      link.href = action.href;
      link.textContent = action.text;
      if (action.blank) { link.target = "_blank"; link.rel = "noopener"; }
      box.append(link);
    }
    if (undo) {
      /* One step back, not a history: only the last thing done offers it. */
      for (const older of host.querySelectorAll("[data-undo]")) older.closest(".toast").remove();
      box.append(undoing(undo));
    }
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn quiet";
    close.dataset.closeToast = "";
    close.setAttribute("aria-label", words.close);
    close.append(icon("close"));
    box.append(close);
    host.append(box);
    if (undo) window.htmx?.process(box);
    leave(box, tone);
  };

  /* Good news goes by itself, unless somebody is reading it; a problem stays until it is closed. */
  const leave = (box, tone) => {
    if (tone === "danger" || tone === "warn") return;
    const wait = () => setTimeout(() => {
      if (box.matches(":hover, :focus-within")) wait(); else box.remove();
    }, box.querySelector("[data-undo]") ? 12000 : 6000);
    wait();
  };

  return { words, icon, toast, leave };
})();

{
  const { words, toast, leave } = window.liuke;

  for (const box of document.querySelectorAll(".toast")) leave(box, box.classList[1]);
  document.addEventListener("click", (event) => event.target.closest?.("[data-close-toast]")?.closest(".toast").remove());
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) event.target.closest?.("[data-undo]")?.closest(".toast").remove();
  });
  document.addEventListener("kit:toasts", (event) => {
    for (const said of event.detail.toasts || []) toast(said.text, said.tone, null, said.undo);
  });

  const remedy = (status) => ({
    0: words.offline, 403: words.forbidden, 404: words.gone, 410: words.gone, 409: words.conflict,
    413: words.too_large, 429: words.busy, 502: words.busy, 503: words.busy, 504: words.slow,
  })[status] || words.failed;

  /* Signed out meanwhile: the server would send us away, and with us what was typed. Stay, and offer a second window. */
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status !== 401) return;
    event.preventDefault();
    const typed = document.querySelector("form[data-dirty]");
    if (!typed && event.detail.requestConfig?.verb === "get" && !document.querySelector("dialog[open]")) {
      location.reload();
      return;
    }
    toast(words.signed_out, "warn", { href: words.sign_in_url, text: words.sign_in, blank: true });
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 401) toast(remedy(event.detail.xhr.status), "danger");
  });
  document.addEventListener("htmx:sendError", () => toast(words.offline, "danger"));
  document.addEventListener("htmx:timeout", () => toast(words.slow, "danger"));

  /* A signed-in page in another window has a newer token: take it from the cookie's page when we come back. */
  document.addEventListener("htmx:configRequest", (event) => {
    const field = event.detail.elt.closest?.("form")?.querySelector("input[name=csrfmiddlewaretoken]");
    if (field) event.detail.headers["X-CSRFToken"] = field.value;
  });

  /* What takes longer than a blink shows that it is under way. */
  let running = 0;
  document.addEventListener("htmx:beforeSend", () => {
    running += 1;
    setTimeout(() => { if (running > 0) document.body.dataset.busy = ""; }, 250);
  });
  document.addEventListener("htmx:afterRequest", () => {
    running = Math.max(0, running - 1);
    if (running === 0) delete document.body.dataset.busy;
  });

  /* "61 days ago" said at eight in the morning is not true at six: minutes are told anew. */
  const lang = document.documentElement.lang || "zh-Hans";
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: "always" });
  const retell = () => {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const minutes = Math.round((new Date(time.dateTime) - Date.now()) / 60000);
      if (minutes <= -1 && minutes > -60) time.textContent = relative.format(minutes, "minute");
    }
  };
  setInterval(() => { if (!document.hidden) retell(); }, 60000);

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
    const button = event.target.closest?.("[data-copy]");
    if (!button || !navigator.clipboard) return;
    event.preventDefault(); // a link that copies leads on only where the browser doesn't allow copying
    navigator.clipboard.writeText(button.dataset.copy).then(() => toast(words.copied, "ok"));
  });
}
